// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonCore
internal import GibbonEngine
internal import GibbonIO
internal import Glibc

/// The log files of a node, from its configuration.
enum GatewayLogs {
  static func errorLog(_ configuration: Configuration, _ logs: LogWriter) throws -> GibbonEngine.ErrorLog {
    let file = try Self.open(configuration.logs.proxyError.path, property: "proxy_error_log", logs)
    return GibbonEngine.ErrorLog(file: file, level: Self.level(configuration), processID: getpid())
  }

  /// nil when off.
  static func accessLog(_ configuration: Configuration, _ logs: LogWriter) throws -> LogFile? {
    guard let log = configuration.logs.proxyAccess else { return nil }
    return try Self.open(log.path, property: "proxy_access_log", logs)
  }

  static func level(_ configuration: Configuration) -> GibbonEngine.LogLevel {
    let level = configuration.logs.proxyError.level ?? configuration.logs.level
    return GibbonEngine.LogLevel(name: level.rawValue) ?? .notice
  }

  private static func open(_ path: String, property: String, _ logs: LogWriter) throws -> LogFile {
    do {
      return try logs.open(path: path)
    } catch {
      throw Failure(
        "\(property): \(path) cannot be opened: \(error.reason)",
        advice: "Make its folder, or choose another path; 'off' and /dev/stderr work too.")
    }
  }
}

/// This node's id: configured, or made once and kept in the prefix.
enum NodeID {
  static func read(_ configuration: Configuration, prefix: String) throws -> EntityID {
    if let given = configuration.nodeID.flatMap({ EntityID($0) }) { return given }
    let path = prefix + "/gibbon.id"
    do throws(GuardedFileError) {
      let text = String(decoding: try GuardedFile.read(path, limit: 1024), as: UTF8.self)
      if let kept = EntityID(text.filter { !$0.isWhitespace }) { return kept }
    } catch {
      guard error.code == ENOENT else { throw Failure("the id of this node cannot be read: \(error)") }
    }
    let made = EntityID.random()
    do throws(GuardedFileError) {
      try GuardedFile.replace(path, with: Array("\(made)\n".utf8))
    } catch {
      throw Failure("the id of this node cannot be kept: \(error)")
    }
    return made
  }
}
