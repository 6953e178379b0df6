"""Hand-ins in which one thing is somebody else's: each part of the analysis is asked for by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from grading.judgement import Outcome
from tests.corpus.desk import Desk, desk
from tests.corpus.kind import Family, Kind, Make

_ELSEWHERE: Final = "a0000000000000-ats.iot.us-east-1.amazonaws.com"
_CRITERION: Final = {"endpoint": "endpoint", "key": "security_analysis"}


def _with(change: Callable[[Desk, Path, int], None], *, built_for: str = "") -> Make:
    """Return what hands in an honest analysis with one change; it is told the project and where the key begins."""

    def make(desk: Desk) -> Path:
        project = desk.project()
        built = desk.build(project, kconfig={"AWS_IOT_MQTT_HOST": built_for} if built_for else None)
        flash = built.flash_image(built.flash_size)
        (desk.submission / "flash.bin").write_bytes(flash)
        offset = flash.index(desk.private_key_pem[:200])
        desk.write_certificate()
        desk.write_answers(offset)
        change(desk, project, offset)
        return desk.submission

    return make


def _unchanged(_desk: Desk, _project: Path, _offset: int) -> None:
    """Leave it as it is."""


def _answers_elsewhere(desk: Desk, _project: Path, offset: int) -> None:
    desk.write_answers(offset, endpoint=_ELSEWHERE)


def _sdkconfig_elsewhere(_desk: Desk, project: Path, _offset: int) -> None:
    (project / "sdkconfig").write_text(f'CONFIG_AWS_IOT_MQTT_HOST="{_ELSEWHERE}"\n', encoding="utf-8")


def _certificate_of_another(place: Desk, _project: Path, _offset: int) -> None:
    (place.submission / "certificate.pem.crt").write_bytes(desk(place.folder, name="k02").certificate_pem)


def _offset_beside_it(desk: Desk, _project: Path, offset: int) -> None:
    desk.write_answers(offset + 0x100)


def _kind(name: str, part: str, why: str, make: Make) -> Kind:
    return Kind(name, Family.FORGED_DUMP, why, make, {_CRITERION[part]: Outcome.FAILED})


ANSWERS: Final[tuple[Kind, ...]] = (
    _kind("answers with another endpoint", "endpoint", "it is not the roster's", _with(_answers_elsewhere)),
    _kind("sdkconfig for another endpoint", "endpoint", "the project goes elsewhere", _with(_sdkconfig_elsewhere)),
    _kind(
        "a kit that was built for another endpoint",
        "endpoint",
        "the dump is not of the project that is handed in",
        _with(_unchanged, built_for=_ELSEWHERE),
    ),
    _kind("a certificate of another", "key", "the roster knows another one", _with(_certificate_of_another)),
    _kind("an offset beside the key", "key", "whoever found it knows where it begins", _with(_offset_beside_it)),
)
