"""The structure report: it traces one request and counts its files."""

from pathlib import Path

from scripts.structure import list_source_rows, measure_requests


async def test_report_traces_each_request(tmp_path: Path) -> None:
    requests = await measure_requests(tmp_path)
    assert len(requests) == 5
    for files, switches in requests.values():
        assert 1 < files <= switches + 1


def test_report_reads_the_source() -> None:
    rows = dict(list_source_rows())
    assert int(rows["lines in `src`"].replace(",", "")) > 1000
