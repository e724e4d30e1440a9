"""Test helper that reads ``/metrics`` as Prometheus does."""

from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.harness.client import Client

TOKEN = "the token of Prometheus"


@dataclass(frozen=True)
class Scrape:
    """The samples of one scrape: name, labels and value of each."""

    samples: list[tuple[str, dict[str, str], float]]

    def sum(self, name: str, **labels: Any) -> float:
        """Return the sum of all samples of a name that have these labels."""
        wanted = {key: str(value) for key, value in labels.items()}
        return sum(
            value
            for found, has, value in self.samples
            if found == name and wanted.items() <= has.items()
        )

    def is_idle(self) -> bool:
        """Return whether nothing runs except the scrape itself, which reads the jobs.

        The worker and the commit listener use a connection briefly, too. Only a lasting use
        matters.
        """
        return (
            self.sum("taskstead_requests_in_flight") == 1
            and self.sum("taskstead_pool_in_use") <= 1
            and self.sum("taskstead_pool_waiting") == 0
        )

    def names(self) -> set[str]:
        """Return the names of the samples whose value is not 0."""
        return {name for name, _, value in self.samples if value}


async def scrape(client: Client, token: str = TOKEN) -> Scrape:
    """Read ``/metrics`` with the token of the settings."""
    answer = await client.with_token(token).get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(answer.text)
    samples = [(one.name, one.labels, one.value) for family in families for one in family.samples]
    return Scrape(samples)
