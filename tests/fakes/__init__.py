"""The other sides of the gateway, as real servers on loopback with faults by name. They never patch anything of ours."""
