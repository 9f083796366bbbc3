"""Client, database, collection and cursor: every operation once, as `async def`, with its docstring.

The faces bind these coroutine functions (`blocking(...)` or as they are) and add only what differs between
them: constructors, iteration, and what returns objects of their own flavour.
"""
