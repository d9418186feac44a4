"""Puts tracks into the library of a Music Assistant that does not run: fill_library.py DATABASE < TRACKS.

Each line is a title, an artist and an album, parted by tabs. The one track that the library has already is the pattern of all
rows, so that the columns are those of this release.
"""

import re
import sqlite3
import sys
import unicodedata


def plain(text: str) -> str:
    """As Music Assistant writes its columns for searches."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"[^a-z0-9]", "", letters)


class Library:
    """The tables of one database."""

    def __init__(self, path: str) -> None:
        self.database = sqlite3.connect(path)
        self.database.row_factory = sqlite3.Row

    def pattern(self, table: str, where: str = "1") -> dict:
        """The first row of a table."""
        row = self.database.execute(f"SELECT * FROM {table} WHERE {where} LIMIT 1").fetchone()
        return dict(row)

    def add(self, table: str, row: dict) -> int:
        """Adds a row, whose number the database chooses where it has one."""
        columns = ", ".join(row)
        values = ", ".join(f":{column}" for column in row)
        return self.database.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})", row).lastrowid

    def item(self, table: str, kind: str, name: str, key: str) -> int:
        """Adds an item of a kind with its place at the provider."""
        names = {"name": name, "sort_name": name.lower(), "search_name": plain(name), "search_sort_name": plain(name)}
        number = self.add(table, {**self.pattern(table), "item_id": None, **names})
        mapping = self.pattern("provider_mappings", "media_type = 'track'")
        self.add("provider_mappings", {**mapping, "media_type": kind, "item_id": number, "provider_item_id": key})
        return number


def main() -> None:
    """Reads the tracks, and adds each with its artist and album once."""
    library = Library(sys.argv[1])
    artists: dict[str, int] = {}
    albums: dict[str, int] = {}
    place = library.pattern("album_tracks")
    for number, line in enumerate(sys.stdin.read().splitlines()):
        title, artist, album = line.split("\t")
        track = library.item("tracks", "track", title, f"generated-{number}.mp3")
        if artist not in artists:
            artists[artist] = library.item("artists", "artist", artist, artist)
        if album not in albums:
            albums[album] = library.item("albums", "album", album, album)
            library.add("album_artists", {"album_id": albums[album], "artist_id": artists[artist]})
        library.add("track_artists", {"track_id": track, "artist_id": artists[artist]})
        library.add("album_tracks", {**place, "id": None, "track_id": track, "album_id": albums[album]})
    library.database.commit()


if __name__ == "__main__":
    main()
