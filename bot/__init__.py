"""Smokejumper: the first responder for broken builds."""

__version__ = "0.2.0"
