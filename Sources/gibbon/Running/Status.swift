// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig
internal import GibbonSchema
internal import Glibc

/// `gibbon status`
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what the running gateway serves and how much.",
    discussion: """
      Asks the gateway's Admin API. The rate is that of one second.

      Example:
        gibbon status
      """)

  @OptionGroup var options: PrefixOption
  @OptionGroup var verbosity: Verbosity

  func run() throws {
    let prefix = self.options.find()
    guard let running = try RunningSources(prefix) else { throw Failure.notRunning(prefix) }
    let configuration: Configuration
    do {
      configuration = try running.sources.load()
    } catch {
      throw Failure("what the gateway was started with cannot be read any more: \(error)")
    }
    guard let client = AdminClient.find(running, configuration) else {
      throw Failure(
        "the gateway (pid \(running.processID)) has no Admin API that can be asked",
        advice: "Set admin_listen, for instance to 127.0.0.1:8001.")
    }
    let (root, first) = (try client.get("/"), try client.get("/status"))
    Patience.pause(milliseconds: 1000)
    let report = StatusReport(
      root: root, first: first, second: try client.get("/status"), lastReload: ReloadStatus.read(prefix))
    Console.say("gateway      pid \(running.processID), prefix \(prefix.path)\n" + report.text)
  }
}

/// What there is to say of a gateway, from two looks a second apart.
struct StatusReport {
  let root: JSONObject
  let first: JSONObject
  let second: JSONObject
  let lastReload: ReloadStatus?

  var text: String {
    let configuration = self.second["configuration"]
    var lines = [
      "version      \(self.root["gibbon"]?["version"]?.stringValue ?? "unknown")",
      "serves       \(Self.served(configuration))",
      "connections  \(Self.count("connections_active", self.second)) open, "
        + "\(Self.count("connections_accepted", self.second)) accepted",
      "requests     \(Self.count("total_requests", self.second)), "
        + "\(Self.count("total_requests", self.second) - Self.count("total_requests", self.first)) in the last second",
    ]
    if let isReachable = self.second["database"]?["reachable"]?.boolValue {
      let kind = self.root["configuration"]?["database"]?.stringValue ?? "database"
      lines.append("datastore    \(kind), " + (isReachable ? "answers" : "does not answer"))
    } else {
      lines.append("datastore    none")
    }
    if let reload = self.lastReload { lines.append("last reload  \(Self.outcome(reload))") }
    return lines.joined(separator: "\n")
  }

  private static func served(_ configuration: JSONValue?) -> String {
    let name =
      configuration?["revision"]?.intValue.map { "revision \($0)" }
      ?? "configuration \(configuration?["hash"]?.stringValue ?? "unknown")"
    return name + (configuration?["age_seconds"]?.intValue.map { ", for \($0) s" } ?? "")
  }

  private static func count(_ name: String, _ status: JSONObject) -> Int { status["server"]?[name]?.intValue ?? 0 }

  private static func outcome(_ reload: ReloadStatus) -> String {
    switch reload.outcome {
    case .applied: "applied"
    case .refused(let reason): "refused: \(reason.split(separator: "\n").first ?? "")"
    }
  }
}
