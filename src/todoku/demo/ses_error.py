"""What SES answers instead of a result: an error that its API models, by its name."""

from __future__ import annotations


class SesError(Exception):
    """An error of the SES API. It never leaves the demo: ``ses_server.py`` writes it as the HTTP reply that botocore reads."""

    def __init__(self, code: str, message: str) -> None:
        """``code`` is the name of the error's shape in botocore's model: ``NotFoundException``."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def bad_request(message: str) -> SesError:
    """What was asked for cannot be done as it was asked."""
    return SesError("BadRequestException", message)


def not_found(message: str) -> SesError:
    """What was named does not exist."""
    return SesError("NotFoundException", message)


def already_exists(message: str) -> SesError:
    """What was to be made is there."""
    return SesError("AlreadyExistsException", message)
