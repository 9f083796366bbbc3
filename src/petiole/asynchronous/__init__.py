"""The asyncio face: the same coroutines as the blocking one, awaited by the application."""
