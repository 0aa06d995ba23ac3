// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// `gibbon.conf.default`: every property of the table with its default, commented out.
public enum DefaultFile {
  public static let text: String = {
    var lines = Self.heading
    for section in PropertyTable.sections {
      lines += ["", String(repeating: "#", count: 78), "# " + section.title.uppercased(), "#"]
      lines += Wrapping.wrapped(Wrapping.plain(section.introduction), width: 76).map { "# " + $0 }
      for property in section.properties { lines += Self.lines(of: property) }
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  private static let heading = [
    "# The configuration of Gibbon, with all defaults. Made by",
    "# `gibbon config defaults --format conf`; do not edit the original.",
    "#",
    "# Copy it to /etc/gibbon/gibbon.conf or name your copy with `gibbon start -c`,",
    "# then remove the '#' before what you change. Every property is also read from",
    "# the environment: GIBBON_LOG_LEVEL beats log_level of the file. Kong's own",
    "# variables, KONG_LOG_LEVEL, work as well.",
    "#",
    "# '#' starts a comment (write '\\#' for the character), lists are separated by",
    "# commas, switches are on or off, an empty value means the default.",
  ]

  private static func lines(of property: Property) -> [String] {
    var lines = ["", "#\(property.name) =\(property.defaultText.map { " " + $0 } ?? "")"]
    var text = Wrapping.plain(property.text)
    text += " Expected: \(property.type.expectation)."
    if let status = Wrapping.sentence(for: property) { text += " " + status }
    lines += Wrapping.wrapped(text, width: 72).map { "#     " + $0 }
    return lines
  }
}
