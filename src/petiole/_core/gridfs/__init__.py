"""GridFS: files in two collections, one for their documents, one for their chunks (specification: GridFS).

Every operation once, as a coroutine; the classes of `petiole.gridfs` bind them. May not know threads or event loops.
"""
