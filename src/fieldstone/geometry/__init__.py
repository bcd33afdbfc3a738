"""Pure functions on shapes as arrays; import the module that is named after what you need.

measure, health, clean, repair, orient, weld, bodies   what a mesh is, and sound versions of it
normalise, align, fingerprint                          frames, poses, sameness
sample, distance, grid, isosurface, simplify           points, distances, surfaces
metrics                                                how far two shapes are apart, each with its paper
"""

__all__: list[str] = []
