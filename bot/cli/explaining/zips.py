"""The zip of a run's logs, as GitHub's page of the run gives it.

It holds `0_NAME.txt` for each job, and a folder `NAME/` with `1_STEP.txt` for each step.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from bot.cli.explaining.blocks import MOST_BYTES, too_big, unzipped
from bot.domain.errors import UserError

OF_JOB: Final = re.compile(r"-?\d+_(?P<job>[^/]+)\.txt")
OF_STEP: Final = re.compile(r"(?P<job>[^/]+)/(?P<step>\d+)_[^/]*\.txt")
ANY: Final = re.compile(r"(?:.*/)?(?P<job>[^/]+)\.(?:txt|log)")
ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedJob:
    name: str
    start: Callable[[], Iterator[bytes]]
    size: int


def jobs_of(file: BinaryIO, *, most_bytes: int = MOST_BYTES) -> list[PackedJob]:
    """Return the logs of all jobs, in the order of the zip.

    Raises:
        UserError: It is broken, locked, holds no log, or unpacks to more than *most_bytes*.
    """
    try:
        archive = ZipFile(file)
    except BadZipFile as error:
        msg = f"The zip file is broken: {error}"
        raise UserError(msg) from error
    jobs = _members_by_job(archive.infolist())
    wanted = [member for members in jobs.values() for member in members]
    if not wanted:
        msg = "The zip file holds no log. Download the logs from the page of the run."
        raise UserError(msg)
    # Reading never gives more than is declared, so a bomb has to own up here.
    if sum(member.file_size for member in wanted) > most_bytes:
        raise too_big(most_bytes)
    for member in wanted:
        if member.flag_bits & ENCRYPTED or member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            msg = "The zip file is locked, or packed in a way that I do not know. Unpack it first."
            raise UserError(msg)
    return [
        PackedJob(
            name=name,
            start=partial(unzipped, archive, members),
            size=sum(member.file_size for member in members),
        )
        for name, members in jobs.items()
    ]


def _members_by_job(members: Sequence[ZipInfo]) -> Mapping[str, Sequence[ZipInfo]]:
    """Prefer the whole log of a job to its steps, and those to whatever else there is."""
    for shape in (OF_JOB, OF_STEP, ANY):
        jobs: dict[str, list[tuple[int, ZipInfo]]] = defaultdict(list)
        for member in members:
            if found := shape.fullmatch(member.filename):
                step = int(found["step"]) if "step" in shape.groupindex else 0
                jobs[found["job"]].append((step, member))
        if jobs:
            return {
                name: [member for _, member in sorted(numbered, key=lambda pair: pair[0])]
                for name, numbered in jobs.items()
            }
    return {}
