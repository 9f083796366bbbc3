"""Side-by-side benchmarks of petiole, PyMongo, Motor and the raw socket, in one interleaved run.

``python -m benchmarks`` runs every row; see `benchmarks.__main__` for the options and `benchmarks.registry`
for what a row is.
"""
