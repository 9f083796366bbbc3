"""What belongs to the running thread, and dies with it; under gevent's monkey-patching, to the greenlet."""

from threading import local as ThreadLocal

__all__ = ["ThreadLocal"]
