"""What can be wrong with what the user chose.

SettingsError
└── ConfigError     a value, key or file of the configuration (exit code 4)
"""


class SettingsError(Exception):
    """Root of the errors of this room. `hint` names the fix in one line."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(SettingsError):
    """A configuration that cannot be used: the message says where, the hint how to mend it."""
