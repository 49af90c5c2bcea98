"""The errors Keepclear raises, told apart by whose fault they are.

A conflict, an alert and a stale track are results, never exceptions.
"""


class KeepclearError(Exception):
    """An error with a stable code for machines and one clear sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refused(KeepclearError):
    """What was asked or handed in is not acceptable: the message names the thing, what was found, what was wanted."""


class Untrusted(KeepclearError):
    """A proof, hash or signature does not hold."""


class Unavailable(KeepclearError):
    """The world did not provide something; a retry may help."""
