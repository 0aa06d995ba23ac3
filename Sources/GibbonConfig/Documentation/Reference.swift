// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// `docs/configuration.md`: the reference page of all properties.
public enum Reference {
  public static let text: String = {
    var lines = Self.heading
    for section in PropertyTable.sections {
      lines += ["", "## \(section.title)"]
      if !section.introduction.isEmpty { lines += ["", section.introduction] }
      for property in section.properties { lines += Self.lines(of: property) }
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  private static let heading = [
    "<!-- Made by `gibbon config defaults --format markdown` from the table in Sources/GibbonConfig/Properties. -->",
    "# Configuration",
    "",
    "Gibbon reads its properties, in this order, from",
    "",
    "1. the defaults on this page,",
    "2. one file: the one named by `-c`, else the first that exists of "
      + ConfigurationSources.standardPaths.map { "`\($0)`" }.joined(separator: ", ") + ",",
    "3. the environment: `GIBBON_` and the name in upper case, such as `GIBBON_LOG_LEVEL`; Kong's `KONG_LOG_LEVEL` is "
      + "read too and gives way to the former,",
    "4. the command line, such as `-p` for `prefix`.",
    "",
    "Later ones win. Everything is checked before anything starts, and all mistakes are reported at once: "
      + "`gibbon check FILE`. An unknown name in the file or with `GIBBON_` is a mistake; one with `KONG_` is a "
      + "warning.",
    "",
    "A line of the file is `name = value`. `#` starts a comment; `\\#` is the character. A backslash at the end "
      + "continues a line. Lists are separated by commas. Switches are `on` or `off` (`true`, `false`). An empty value "
      + "means the default. Sizes are bytes or `8k`, `10m`, `1g`; times are seconds or `500ms`, `5m`, `1h 30m`.",
    "",
    "Any value, and any item of a list, may be a reference `{vault://env/name}`: it is replaced by the environment "
      + "variable `NAME`. `{vault://env/name/field}` takes a field of the JSON object in the variable.",
    "",
    "Properties marked *accepted* have no effect in Gibbon, for the reason given; *not yet* marks those whose effect "
      + "comes with a later version. Both are checked, so that files written for Kong load unchanged.",
  ]

  private static func lines(of property: Property) -> [String] {
    var facts = ["Default: \(property.defaultText.map { "`\($0)`" } ?? "unset")", property.type.expectation]
    if property.isSensitive { facts.append("shown as `\(Property.redaction)`") }
    var lines = ["", "### `\(property.name)`", "", property.text, "", facts.joined(separator: " · ")]
    if let status = Wrapping.sentence(for: property) { lines += ["", "*\(status)*"] }
    return lines
  }
}
