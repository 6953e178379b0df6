"""What the bench asks of AWS IoT Core, or of the local IoT core in its place.

Each name comes from the module that its noun names; this package imports none of them, as boto3 takes half a second.

    endpoint = local_endpoint(line)                  # the JSON line of `kitbench local-iot-core --json`
    endpoint = aws_endpoint(folder)                  # or AWS, by the ordinary credential chain
    recover(endpoint, folder=ledgers)                # what runs that died left behind
    with open_ledger(endpoint.cloud_id, folder=ledgers) as ledger:
        topics = Topics.both(ledger.run.topic())     # or Topics.both("test_topic/esp32") for a fixed topic
        meter = Meter(budget, on_stop=hold_kit_in_reset)
        with (
            provision(endpoint, ledger, "kit", topics=topics, meter=meter) as kit,   # csr_pem=… with a secure element
            provision(endpoint, ledger, "observer", topics=topics.for_observer([kit.client_id])) as eye,
            Observer(endpoint, topics=eye.topics, identity=eye, watched=[kit], meter=meter) as observer,
        ):
            observer.wait_for_presence(kit.client_id, "connected", timeout_s=60).principal == kit.certificate_id
            message = observer.wait_for(lambda m: b"hello" in m.payload, what="a greeting", timeout_s=30)
            observer.publish(kit.topics.subscribe[0], nonce)
            attempt(endpoint, kit, publish="somebody/else").outcome       # Outcome.CLOSED
            set_active(endpoint, kit, active=False)
            observer.check(); meter.check(); meter.reading()

Firmware whose topic is fixed in its source takes turns: `with lease(endpoint, ledger.run, "test_topic/esp32"): …`.
Endpoints that a kit must refuse: `with HostileEndpoint() as hostile: hostile.play(Trick.EXPIRED); …`.
Names before anything exists: `ledger.run.name("kit")` is the thing's name, the client id and the CN for a CSR.
Observers without a certificate: `Observer(endpoint, topics=…, client_id=ledger.run.name("observer"))` signs a WebSocket
with the bench's own credentials.
Errors: `NothingCameError` and `BudgetExceededError` are KitErrors (the firmware's fault); `CloudError` is the cloud's;
`UsageError` means credentials, region or arguments. All waits are bounded.
"""
