// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import Glibc

/// `syslog`: JSON to the system's log for each request.
public final class SyslogPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var logLevel: String
    var successfulSeverity: String
    var clientErrorsSeverity: String
    var serverErrorsSeverity: String
    var facility: String
    var customFieldsByLua: [String: String]?
  }

  /// Where the system's log listens.
  static let path = "/dev/log"

  private let fields: CustomFields
  /// By the class of the status; nil writes nothing.
  private let successPriority: Int?
  private let clientErrorPriority: Int?
  private let serverErrorPriority: Int?
  private let queue: BatchQueue

  public convenience init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.init(configuration: configuration, environment: environment, path: Self.path)
  }

  init(configuration: Configuration, environment: PluginEnvironment, path: String) {
    self.fields = CustomFields(configuration.customFieldsByLua)
    let level = SyslogSeverity(rawValue: configuration.logLevel) ?? .info
    let facility = SyslogFacility(rawValue: configuration.facility) ?? .user
    func priority(_ name: String) -> Int? {
      let severity = SyslogSeverity(rawValue: name) ?? .info
      return severity.number <= level.number ? facility.number * 8 + severity.number : nil
    }
    self.successPriority = priority(configuration.successfulSeverity)
    self.clientErrorPriority = priority(configuration.clientErrorsSeverity)
    self.serverErrorPriority = priority(configuration.serverErrorsSeverity)
    let socket = SyslogSocket(path)
    let thread = BlockingQueue("syslog")
    self.queue = BatchQueue(.direct, environment: environment, release: { try? await thread.run { socket.close() } }) {
      batch in
      try await thread.run { try Self.send(batch, to: socket) }
    }
  }

  public func log(_ context: RequestContext) throws {
    let status = context.response.status
    let priority =
      status >= 500 ? self.serverErrorPriority : status >= 400 ? self.clientErrorPriority : self.successPriority
    guard let priority else { return }
    self.queue.enqueue(
      SyslogMessage.bytes(
        self.fields.line(context), priority: priority, processID: getpid(), unixSeconds: time(nil)))
  }

  /// One message that is too large does not take the others with it; a log that does not listen does.
  private static func send(_ batch: [[UInt8]], to socket: SyslogSocket) throws {
    var tooLarge = 0
    for (place, message) in batch.enumerated() {
      do {
        if try !socket.send(message) { tooLarge += 1 }
      } catch {
        throw BatchLoss(entries: batch.count - place + tooLarge, reason: "\(error)")
      }
    }
    if tooLarge > 0 { throw BatchLoss(entries: tooLarge, reason: SendFailure.words(code: EMSGSIZE)) }
  }
}
