"""What nextest's JUnit report says, for `tests/run`.

    report.py REPORT RESULTS REMARKS

prints the slowest tests, appends the totals to RESULTS as `cargo test` writes them, and what the tests said on
standard error to REMARKS.
"""

import sys
import xml.etree.ElementTree as ElementTree

SHOWN = 20


def main(report: str, results: str, remarks: str) -> None:
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    with open(results, "a", encoding="utf-8") as file:
        outcome = "FAILED" if failed else "ok"
        file.write(f"test result: {outcome}. {len(cases) - len(failed)} passed; {len(failed)} failed; 0 ignored;\n")
    with open(remarks, "a", encoding="utf-8") as file:
        file.writelines(f"{case.findtext('system-err') or ''}\n" for case in cases)

    seconds = {f"{case.get('classname')} {case.get('name')}": float(case.get("time", 0)) for case in cases}
    slowest = sorted(seconds.items(), key=lambda test: -test[1])[:SHOWN]
    print(f"the slowest {len(slowest)} of {len(cases)} tests, which took {sum(seconds.values()):.0f} s in all:")
    for name, time in slowest:
        print(f"{time:8.1f} s  {name}")


main(*sys.argv[1:])
