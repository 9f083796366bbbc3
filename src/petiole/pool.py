"""The options of connection pools, under the name that PyMongo has for this module."""

from petiole.pool_options import PoolOptions

__all__ = ["PoolOptions"]
