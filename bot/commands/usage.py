"""A command that was typed wrong is told in one sentence, as every other error is."""

import sys

import typer
from typer._click import exceptions as typed  # no public name yet; the version is locked

from bot.commands.terms import BAD_INPUT, FAILED, say

_NAME = "youcai"


def run(app: typer.Typer) -> None:
    try:
        status = app(prog_name=_NAME, standalone_mode=False)
    except typed.NoArgsIsHelpError as nothing:
        nothing.show()
        sys.exit(BAD_INPUT)
    except typed.UsageError as wrong:
        print(_sentence(wrong), file=sys.stderr)
        sys.exit(BAD_INPUT)
    except typer.Abort:
        print(say("stopped_short"), file=sys.stderr)
        sys.exit(FAILED)
    sys.exit(status if isinstance(status, int) else 0)


def _sentence(wrong: typed.UsageError) -> str:
    return say(
        "usage",
        wrong=type(wrong).__name__,
        word=_word(wrong),
        choices=_choices(wrong),
        near=list(getattr(wrong, "possibilities", None) or ()),
        command=wrong.ctx.command_path if wrong.ctx else _NAME,
    )


def _word(wrong: typed.UsageError) -> str:
    """The option, or the name of what stands without one."""
    if isinstance(wrong, typed.BadParameter):
        param = wrong.param
        return (
            "" if param is None else param.opts[0] if param.param_type_name == "option" else param.name or ""
        )
    return str(getattr(wrong, "option_name", ""))


def _choices(wrong: typed.UsageError) -> list[str]:
    param = wrong.param if isinstance(wrong, typed.BadParameter) else None
    found = param.type_descriptor.choices if param is not None else None
    return [str(getattr(one, "value", one)) for one in found or ()]
