"""How hard a device is to take apart: facts from dump, eFuses and build in, a verdict for each measure out.

Pure, but for `efuse_reading`, which asks espefuse. Wording is "evidence for", never more: a bench sees one device.
"""
