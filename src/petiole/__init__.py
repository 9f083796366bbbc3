"""petiole: a MongoDB driver for Python with a native core."""
