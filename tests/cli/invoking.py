"""Running commands in tests."""

from click.testing import CliRunner

from item2vec.cli import main

TINY = ["--vector-size", "8", "--epochs", "3", "--workers", "1"]  # a model in little time


def run(*arguments, code=0):
    """Run a command in this process; return its result, after looking at the exit code."""
    result = CliRunner().invoke(main, list(map(str, arguments)), prog_name="item2vec")
    assert result.exit_code == code, f"{result.stdout}\n{result.stderr}\n{result.exception!r}"
    if code:
        assert result.stdout == "", "errors go to stderr"
        assert "Traceback" not in result.stderr
    return result


def error(*arguments, code):
    """Return the one line of an error."""
    lines = run(*arguments, code=code).stderr.strip().splitlines()
    errors = [line for line in lines if line.startswith("Error: ")]
    assert len(errors) == 1
    assert lines[-1] == errors[0], "the error is the last line"
    return errors[0]
