"""A benchmark's published files: where they lie and how they are known to be the right ones."""

from dataclasses import dataclass
from urllib.parse import quote

HOST = "https://raw.githubusercontent.com"


@dataclass(frozen=True)
class Published:
    """A file.

    Attributes:
        name: under which the task looks for it.
        path: in the repository.
        git_blob: its id there, which is the SHA-1 of `blob SIZE`, a zero byte and the content.
        bytes: size; None where nobody has noted it.
        sha256: likewise.
    """

    name: str
    path: str
    git_blob: str
    bytes: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a benchmark comes from.

    Attributes:
        title: of the benchmark.
        licence: what its authors allow.
        repository: owner and name.
        commit: that holds the files.
        files: that a task reads.
        hub: the name of the data set on the Hugging Face hub, where it is there as published.
    """

    title: str
    licence: str
    repository: str
    commit: str
    files: tuple[Published, ...]
    hub: str | None = None

    def address(self, file: Published, host: str = HOST) -> str:
        """Where a file can be fetched.

        Args:
            file: one of `files`.
            host: that has the repositories, or a mirror of it.
        """
        return f"{host.rstrip('/')}/{self.repository}/{self.commit}/{quote(file.path)}"

    @property
    def page(self) -> str:
        """Where people read about it."""
        return f"https://github.com/{self.repository}"


@dataclass(frozen=True)
class Withheld:
    """A benchmark that may not be fetched.

    Attributes:
        title: of the benchmark.
        reason: why.
        cure: what to do instead.
    """

    title: str
    reason: str
    cure: str
