"""Which of the apps in a dump its boot loader starts: a slot that is never started says nothing about a kit."""

from kitbench.flash_format.app_image import AppImage
from kitbench.flash_format.boot_order import boot_order, ota_data, ota_slots, selected_slot
from kitbench.forensics.layout.flash_layout import FlashLayout


def started_app(dump: bytes, layout: FlashLayout) -> AppImage | None:
    """Return the image that a kit with this flash runs; None where it runs none."""
    chooser = ota_data(layout.partitions)
    data = dump[chooser.offset : chooser.end] if chooser is not None else b""
    selected = selected_slot(data, len(ota_slots(layout.partitions)))
    images = (layout.images.get(one.name) for one in boot_order(layout.partitions, selected))
    return next((image for image in images if image is not None and image.checksum_ok and image.hash_ok), None)
