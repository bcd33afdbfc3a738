"""Hostile versions of small good files: cut, flipped, swollen, misdirected. The same seed gives the same bytes."""

import copy
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.files import makers

SECRET = "outside/secret"
"""Where path tricks lead: beside the folder that holds the file."""
TRICKS = (
    "../outside/secret.EXT", "..\\outside\\secret.EXT", "/etc/passwd", "/proc/self/environ",
    "sub/../../outside/secret.EXT",
    "%2e%2e/outside/secret.EXT", "file:///etc/passwd", "http://127.0.0.1:9/secret.EXT", "//127.0.0.1/secret.EXT",
    "link/secret.EXT",
    "secret.EXT\0", "C:\\Windows\\win.ini", "~/.ssh/id_rsa", "." * 300, "a" * 5000, "", ".", "..", "/dev/zero",
)  # fmt: skip
WORDS = (
    "nan", "-nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "1e999", "1000000000", "-1000000000",
    "4294967295", "4294967296",
    "9223372036854775807", "-9223372036854775808", "99999999999999999999999999", "0", "-1", "1.5", "x",
    "", "0x10", "1,5", "--1", "1e",
)  # fmt: skip
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 10**9, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7F800000, 0x7FC00000)
VALUES = (None, True, -1, 0, 1.5, 10**9, 2**63, 1e400, "x", "../../etc/passwd", [], {}, [0], {"a": 1}, [[[]]])
ENTITIES = (
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;&b;&b;&b;">]>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
    '<?xml-stylesheet href="../outside/secret.xsl"?>',
    "<![CDATA[",
    "&x;",
    "<!--",
)


@dataclass(frozen=True)
class Seed:
    """A good file, and what lies beside it."""

    name: str
    data: bytes


def seeds() -> list[Seed]:
    """One or more small files for every reader; for STEP see the benchmark."""
    textured = "mtllib a.mtl\nusemtl m\nvt 0 0\nvt 1 0\nvt 1 1\n" + makers.obj(" 1 0 0").decode()
    textured += "o x\nf 1/1/1 2/2/1 4/3/1\nf -1//1 -2//1 -3//1\n"
    inner = makers.archive({"p.off": makers.off()})
    many = makers.threemf(
        '<basematerials id="5"><base name="x" displaycolor="#FF0000"/></basematerials>'
        '<m:texture2d id="3" path="/3D/t.png" contenttype="image/png"/><m:texture2dgroup id="4" texid="3">'
        '<m:tex2coord u="0" v="0"/><m:tex2coord u="1" v="0"/><m:tex2coord u="0" v="1"/></m:texture2dgroup>'
        + makers.threemf_object(triangle=' pid="4" p1="0" p2="1" p3="2"')
        + '<object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 5 0 0"/></components>'
        + "</object>",
        '<item objectid="2"/><item objectid="1"/>',
        **{"3D/t.png": makers.png()},
    )
    instanced = [{"children": [1, 2], "translation": [0, 0, 1]}, {"mesh": 0}, {"mesh": 0, "rotation": [0, 0, 0, 1]}]
    return [
        Seed("binary.stl", makers.binary_stl(attribute=0x8007)),
        Seed("ascii.stl", makers.ascii_stl(("a", "b"), 5.0)),
        Seed("plain.obj", textured.encode()),
        Seed("ascii.ply", makers.ply("ascii", True, colors=True)),
        Seed("uniform.ply", makers.ply("binary_little_endian", comment="TextureFile t.png")),
        Seed("ragged.ply", makers.ply("binary_big_endian", True, colors=True)),
        Seed("plain.off", makers.off(color=" 255 0 0")),
        Seed("instanced.glb", makers.glb(nodes=instanced, texture=True)),
        Seed("plain.gltf", makers.gltf("buffer.bin")),
        Seed("packed.gltf", makers.gltf()),
        Seed("plain.dae", makers.dae('<node id="n"><rotate>0 0 1 90</rotate><instance_geometry url="#g"/></node>')),
        Seed("many.3mf", many),
        Seed("plain.xyz", makers.xyz("//X Y Z R G B Nx Ny Nz\n", " 255 0 0 0 0.6 0.8")),
        Seed("pack.zip", makers.archive({"a.stl": makers.binary_stl(), "b/c.obj": makers.obj(), "i.zip": inner})),
    ]


def beside() -> dict[str, bytes]:
    """The files that the seeds name, by name."""
    return {
        "a.mtl": b"newmtl m\nKd 1 0 0\nmap_Kd t.png\n",
        "t.png": makers.png(),
        "buffer.bin": makers.gltf_document()[1],
    }


def mutate(seed: Seed, generator: np.random.Generator) -> bytes:
    """One hostile version of a seed: a blunt one of its bytes, or a sharp one of what they mean."""
    kinds = {"glb": _glb, "gltf": _gltf, "3mf": _packed, "zip": _packed, "dae": _xml}
    sharp = kinds.get(seed.name.rpartition(".")[2])
    if sharp is not None and generator.random() < 0.75:
        return sharp(seed.data, generator)
    return blunt(seed.data, generator)


def blunt(data: bytes, generator: np.random.Generator) -> bytes:
    """Some of: cut, flip, zero, insert, repeat, overwrite a number, replace a word, trick a path."""
    for _ in range(int(generator.integers(1, 4))):
        change = BLUNT[int(generator.integers(len(BLUNT)))]
        data = change(data, generator) if data else data
    return data


def _at(data: bytes, generator: np.random.Generator) -> int:
    """A place, every second time near the start, where the counts are."""
    reach = min(len(data), 200) if generator.random() < 0.5 else len(data)
    return int(generator.integers(max(reach, 1)))


def _cut(data: bytes, generator: np.random.Generator) -> bytes:
    return data[: _at(data, generator)]


def _flip(data: bytes, generator: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for _ in range(int(generator.integers(1, 20))):
        changed[_at(data, generator)] ^= 1 << int(generator.integers(8))
    return bytes(changed)


def _noise(data: bytes, generator: np.random.Generator) -> bytes:
    at = _at(data, generator)
    return data[:at] + generator.bytes(int(generator.integers(1, 40))) + data[at:]


def _drop(data: bytes, generator: np.random.Generator) -> bytes:
    at = _at(data, generator)
    return data[:at] + data[at + int(generator.integers(1, 60)) :]


def _repeat(data: bytes, generator: np.random.Generator) -> bytes:
    at, length = _at(data, generator), int(generator.integers(1, 100))
    return data[:at] + data[at : at + length] * int(generator.integers(2, 300)) + data[at:]


def _number(data: bytes, generator: np.random.Generator) -> bytes:
    at = _at(data, generator)
    value = NUMBERS[int(generator.integers(len(NUMBERS)))]
    packed = struct.pack("<I" if generator.random() < 0.7 else ">I", value)
    return data[:at] + packed + data[at + 4 :]


def _word(data: bytes, generator: np.random.Generator) -> bytes:
    """Put an extreme where a number stands in text."""
    places = list(re.finditer(rb"-?\d+(?:\.\d+)?", data[:20000]))
    if not places:
        return data
    early = places[: 1 + len(places) // 4] if generator.random() < 0.5 else places
    place = early[int(generator.integers(len(early)))]
    word = WORDS[int(generator.integers(len(WORDS)))].encode()
    return data[: place.start()] + word + data[place.end() :]


def _trick(data: bytes, generator: np.random.Generator) -> bytes:
    """Lead a file name elsewhere."""
    places = list(re.finditer(rb"[\w/]+\.(mtl|png|bin|model|stl)|#\w", data[:20000]))
    if not places:
        return data
    place = places[int(generator.integers(len(places)))]
    name = TRICKS[int(generator.integers(len(TRICKS)))].replace("EXT", (place.group(1) or b"png").decode())
    return data[: place.start()] + name.encode() + data[place.end() :]


BLUNT: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
    _cut, _flip, _noise, _drop, _repeat, _number, _word, _word, _trick,
)  # fmt: skip


def _xml(data: bytes, generator: np.random.Generator) -> bytes:
    """Break attributes, texts, tags; add entities."""
    if generator.random() < 0.2:
        at = data.find(b">") + 1
        entity = ENTITIES[int(generator.integers(len(ENTITIES)))].encode()
        return data[:at] + entity + data[at:].replace(b"0", b"&x;", int(generator.integers(3)))
    if generator.random() < 0.3:
        tags = list(re.finditer(rb"<[^>]*>", data[:20000]))
        tag = tags[int(generator.integers(len(tags)))]
        copies = int(generator.integers(0, 4))
        return data[: tag.start()] + tag.group() * copies + data[tag.end() :]
    return (_word if generator.random() < 0.7 else _trick)(data, generator)


def _glb(data: bytes, generator: np.random.Generator) -> bytes:
    length = struct.unpack_from("<I", data, 12)[0]
    document, chunk = json.loads(data[20 : 20 + length]), data[28 + length :]
    return makers.glb(_json(document, generator), chunk)


def _gltf(data: bytes, generator: np.random.Generator) -> bytes:
    return json.dumps(_json(json.loads(data), generator)).encode()


def _json(document: dict, generator: np.random.Generator) -> dict:
    """Replace, drop or double some entries anywhere in the tree; lead a uri elsewhere."""
    for _ in range(int(generator.integers(1, 4))):
        places = list(_places(document))
        holder, key = places[int(generator.integers(len(places)))]
        choice = generator.random()
        if choice < 0.2:
            del holder[key]
        elif choice < 0.3 and isinstance(holder, list):
            holder.extend((holder * int(generator.integers(1, 200)))[:2000])
        elif choice < 0.4:
            document["buffers"] = [{"uri": TRICKS[int(generator.integers(len(TRICKS)))], "byteLength": 400}]
        elif choice < 0.6 and isinstance(holder[key], int | float):
            holder[key] = holder[key] + int(generator.integers(-2, 3))
        else:
            holder[key] = copy.deepcopy(VALUES[int(generator.integers(len(VALUES)))])
        if not document:
            break
    return document


def _places(tree):
    """Every holder and key of a JSON tree."""
    for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _packed(data: bytes, generator: np.random.Generator) -> bytes:
    """Mutate a member and pack it again; or add hostile members: bombs, links, names that climb."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = {info.filename: packed.read(info) for info in packed.infolist()}
    choice, names = generator.random(), sorted(members)
    name = names[int(generator.integers(len(names)))]
    file = io.BytesIO()
    if choice < 0.6:
        change = _xml if name.endswith((".model", ".rels")) else blunt
        members[name] = change(members[name], generator)
    elif choice < 0.7:
        members[name] = members[name] + b" " * 20_000_000
    elif choice < 0.8:
        members[TRICKS[int(generator.integers(len(TRICKS)))].replace("EXT", "stl") or "x"] = members.pop(name)
    elif choice < 0.85:
        members |= {f"{number}.stl": b"" for number in range(3000)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for member, content in members.items():
            info = zipfile.ZipInfo(member.replace("\0", "?"))
            if choice > 0.9 and member == name:
                info.external_attr, content = 0o120777 << 16, b"../outside/secret.stl"
            packed.writestr(info, content, zipfile.ZIP_DEFLATED)
    return blunt(file.getvalue(), generator) if 0.85 < choice < 0.9 else file.getvalue()
