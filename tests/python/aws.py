"""`aws` as one process that runs many commands: its start takes fifty times as long as a command.

Reads a JSON list for each command, one a line: the arguments. Writes a line for each: the exit status and the texts of
the two output streams, as {"status": 0, "stdout": "…", "stderr": "…"}.
"""

import contextlib
import io
import json
import sys

from awscli.clidriver import CLIDriver, create_clidriver


def run(driver: CLIDriver, arguments: list[str]) -> dict[str, int | str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            status = driver.main(arguments)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
    return {"status": status, "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}


def main() -> None:
    driver = create_clidriver()
    for line in sys.stdin:
        arguments = json.loads(line)
        print(json.dumps(run(driver, arguments)), flush=True)
        if "--region" in arguments:
            # A driver keeps the region of a command for the next one.
            driver = create_clidriver()


main()
