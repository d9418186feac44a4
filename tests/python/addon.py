"""Holds the add-on's files to the program and to each other: python addon.py BINARY. Needs ruamel.yaml."""

import struct
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

ADD_ON = Path(__file__).parents[2] / "infra/addon"


def read(path):
    return YAML(typ="safe").load(path)


def expect(condition, what):
    if not condition:
        sys.exit(f"the add-on: {what}")


def size(png):
    """Width and height of a PNG (its header IHDR)."""
    return struct.unpack(">II", png.read_bytes()[16:24])


def main(binary):
    config = read(ADD_ON / "config.yaml")
    known = subprocess.run([binary, "--help"], capture_output=True, text=True, check=True).stdout
    for option in config["schema"]:
        expect(option.upper() in known or f"--{option.replace('_', '-')} " in known, f"{option} is no variable")
    expect(set(config["options"]) <= set(config["schema"]), "an option has no schema")
    for variable in config["environment"]:
        expect(f"--{variable.lower().replace('_', '-')} " in known, f"{variable} is no variable")
    for language in ("en", "de", "fr"):
        texts = read(ADD_ON / f"translations/{language}.yaml")
        expect(set(texts["configuration"]) == set(config["schema"]), f"the options in {language} are others")
        expect(set(texts["network"]) == set(config["ports"]), f"the ports in {language} are others")
    open_ports = [port for port, mapped in config["ports"].items() if mapped]
    expect(open_ports == ["5001/tcp"], f"the door alone is open: {open_ports}")
    expect(config["ingress"] and config["environment"]["INGRESS"] == "on", "ingress is off")
    expect(config["environment"]["BIND"].endswith(f":{config['ingress_port']}"), "ingress leads to another port")
    expect((config["hassio_api"], config["hassio_role"]) == (True, "default"), "it has more rights than it needs")
    for right in ("host_network", "privileged", "full_access", "homeassistant_api", "auth_api", "docker_api", "map"):
        expect(not config.get(right), f"it has {right}")
    expect(size(ADD_ON / "icon.png") == (128, 128) and size(ADD_ON / "logo.png") == (250, 100), "a picture has another size")
    repository = read(ADD_ON.parents[1] / "repository.yaml")
    expect(repository["url"] == config["url"], "the repository has another address")


main(sys.argv[1])
