"""Running commands in tests."""

from click.testing import CliRunner

from item2vec.cli import main


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
    told = [line for line in lines if line.startswith("Error: ")]
    assert len(told) == 1
    assert lines[-1] == told[0], "the error is the last thing said"
    return told[0]
