"""Published files of a benchmark: addresses, sizes and checksums."""

from dataclasses import dataclass
from urllib.parse import quote

HOST = "https://raw.githubusercontent.com"


@dataclass(frozen=True)
class Published:
    """A published file.

    Attributes:
        name: Name under which the task looks for it.
        path: Path in the repository.
        git_blob: Git blob id: the SHA-1 of `blob SIZE`, a zero byte and the content.
        bytes: Size; None if unknown.
        sha256: SHA-256; None if unknown.
    """

    name: str
    path: str
    git_blob: str
    bytes: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Source:
    """Source of a benchmark.

    Attributes:
        title: Title of the benchmark.
        licence: Licence, and what it asks for.
        repository: Owner and name on GitHub.
        commit: Commit that holds the files.
        files: Files that the task reads.
        hub: Name of the data set on the Hugging Face hub, if it is there unchanged.
    """

    title: str
    licence: str
    repository: str
    commit: str
    files: tuple[Published, ...]
    hub: str | None = None

    def address(self, file: Published, host: str = HOST) -> str:
        """Return the address of a file.

        Args:
            file: One of `files`.
            host: Address of the repositories, or of a mirror.
        """
        return f"{host.rstrip('/')}/{self.repository}/{self.commit}/{quote(file.path)}"

    @property
    def page(self) -> str:
        """Address of the page that describes the benchmark."""
        return f"https://github.com/{self.repository}"


@dataclass(frozen=True)
class Withheld:
    """A benchmark that its licence does not let kortf fetch.

    Attributes:
        title: Title of the benchmark.
        reason: Reason.
        cure: Action for the user.
    """

    title: str
    reason: str
    cure: str
