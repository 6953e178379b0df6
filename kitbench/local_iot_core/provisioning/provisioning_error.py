"""What fleet provisioning refuses, as devices read it.

Source: AWS IoT Core developer guide, "Device provisioning MQTT API" (error payloads: `statusCode`, `errorCode`,
`errorMessage`); the names of the codes are those that devices in the field report.
"""


class ProvisioningError(Exception):
    """A request that is refused; the text says why, in one line.

    Attributes:
        status: as of HTTP.
        code: kind of the refusal.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
