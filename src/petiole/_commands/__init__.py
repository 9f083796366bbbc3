"""One command, one file: how it is built, how its reply is read, and its traits.

Everything here is pure: values in, values out. `base` says what a command is; the executor in
`petiole._engine` routes, sends and retries any of them by its traits alone.
"""
