"""`fieldstone inspect`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fieldstone.cli.arguments import AsJson, FieldFile
from fieldstone.cli.console import number, print_json, table

if TYPE_CHECKING:
    from fieldstone.fields.describe import Description

__all__ = ["inspect"]


SHOWN = ("architecture", "config", "function")
"""Settings that other rows tell."""


def inspect(field: FieldFile, as_json: AsJson = False) -> None:
    """Tell all about a field: what it was fitted to and how, its size, its measures."""
    from fieldstone.fields.describe import describe

    found = describe(field)
    if as_json:
        print_json(_plain(found))
        return
    frame, card, network = found.field.frame, found.field.card, found.field.network
    unit = frame.unit or "?"
    rows = [
        ("architecture", f"{network.architecture}: {_pairs(asdict(network.config))}"),
        ("function", found.field.function + (", with colour" if network.outputs == 4 else "")),
        ("parameters", f"{found.n_parameters:,}"),
        ("file", f"{found.n_bytes:,} bytes, {found.precision}"),
        ("fitted to", card.source or "-"),
        ("source hash", card.source_hash or "-"),
        ("licence", card.licence or "-"),
        ("error near the surface", _error(found)),
        ("sign confidence", number(card.sign_confidence, 3)),
        ("frame", f"{frame.name}, {number(frame.to_model.scale)} {unit} a unit"),
        ("unit, up", f"{frame.unit or 'unknown'}, {frame.up or 'unknown'}"),
        *_surface(found, unit),
        *((f"fit: {key}", _value(value)) for key, value in (card.settings or {}).items() if key not in SHOWN),
    ]
    table([field.name, ""], rows)


def _surface(found: "Description", unit: str) -> list[tuple[str, str]]:
    size, state = found.measures, found.health
    if size is None or state is None:
        return [("surface", "none: fit it again, for longer")]
    return [
        ("size", " x ".join(number(x) for x in size.extents) + f" {unit}"),
        ("area, volume", f"{number(size.area)} {unit}², {number(state.volume)} {unit}³"),
        ("closed", "yes" if state.watertight else "no"),
    ]


def _error(found: "Description") -> str:
    error, frame = found.field.card.error, found.field.frame
    if error is None:
        return "-"
    if found.field.function == "occ":
        return f"{error:.2g}"
    return f"{error:.2g}, or {error * frame.to_model.scale:.2g} {frame.unit or '?'}"


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{key} {_value(value)}" for key, value in values.items())


def _value(value: Any) -> str:
    return _pairs(value) if isinstance(value, dict) else str(value)


def _plain(found: "Description") -> dict[str, Any]:
    field = found.field
    return {
        "architecture": field.network.architecture,
        "config": field.network.config,
        "outputs": field.network.outputs,
        "function": field.function,
        "parameters": found.n_parameters,
        "bytes": found.n_bytes,
        "precision": found.precision,
        "frame": field.frame,
        "card": field.card,
        "measures": found.measures,
        "health": found.health,
    }
