"""Why something could not be done: one class a code, each with one sentence for a person."""
from scrim import _scrim


class Error(RuntimeError):
    """An error of the library. `code` is "invalid_argument", "not_found", ...; `exit_code` is what
    the command line ends with."""

    code = "internal"

    @property
    def exit_code(self):
        """2 to 7, or 70 for a bug."""
        return _scrim.exit_code(self.code)


class InvalidArgument(Error, ValueError):
    """The caller's value is wrong; the sentence names it, the value and the limit."""

    code = "invalid_argument"


class NotFound(Error, LookupError):
    """No such file, model, version or module."""

    code = "not_found"


class Corrupt(Error):
    """The bytes are not what the format says."""

    code = "corrupt"


class Unsupported(Error):
    """Valid, but not something that is done here."""

    code = "unsupported"


class Unavailable(Error):
    """Try later: overload, a server that does not answer, a full disk."""

    code = "unavailable"


class Refused(Error):
    """A contract or a policy forbids it."""

    code = "refused"


_OF_CODE = {kind.code: kind for kind in (InvalidArgument, NotFound, Corrupt, Unsupported,
                                         Unavailable, Refused)}


def of_code(code):
    """The class of a code; Error itself for a bug."""
    return _OF_CODE.get(code, Error)
