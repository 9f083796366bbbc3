"""The only package that touches threads, event loops, sockets, clocks and random numbers.

`base` states what the driver needs of a runtime; `blocking` gives it by calls that block and never
suspend, `aio` by asyncio. Both are chosen by the client; nothing outside this package asks which one runs.
"""
