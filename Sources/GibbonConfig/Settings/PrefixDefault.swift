// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Where the gateway keeps its files when nobody says: a place that needs no root.
public enum PrefixDefault {
  public static let system = "/usr/local/gibbon"

  /// The folder that a text means: absolute, `~/` being the user's home; nil is the default.
  static func resolve(_ text: String?, _ environment: [String: String]) -> String {
    guard let text else { return PathText.absolute(Self.choose(environment)) }
    if text.hasPrefix("~/"), let home = environment["HOME"] { return PathText.absolute(home + text.dropFirst()) }
    return PathText.absolute(text)
  }

  /// `/usr/local/gibbon` if this user may write there, else a folder of the user's state, else one in `/tmp`.
  public static func choose(
    _ environment: [String: String], isWritable: (String) -> Bool = { FileText.isWritable($0) },
    exists: (String) -> Bool = { FileText.exists($0) }
  ) -> String {
    let isSystemUsable = exists(Self.system) ? isWritable(Self.system) : isWritable("/usr/local")
    if isSystemUsable { return Self.system }
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/gibbon" }
    if let home = environment["HOME"], home.hasPrefix("/"), isWritable(home) { return home + "/.local/state/gibbon" }
    return "/tmp/gibbon-\(getuid())"
  }
}

/// Paths as text.
public enum PathText {
  /// The path itself when absolute, else under `folder`, by default the current one; without a trailing slash.
  public static func absolute(_ path: String, in folder: String? = nil) -> String {
    var result = path
    if !path.hasPrefix("/") {
      result = (folder ?? Self.currentFolder()) + "/" + (path.hasPrefix("./") ? path.dropFirst(2) : path[...])
    }
    while result.utf8.count > 1, result.hasSuffix("/") { result.removeLast() }
    return result
  }

  public static func currentFolder() -> String {
    // Safety: getcwd() given nil allocates the text itself; it is copied and freed here.
    guard let text = getcwd(nil, 0) else { return "/" }
    defer { free(text) }
    return String(cString: text)
  }
}
