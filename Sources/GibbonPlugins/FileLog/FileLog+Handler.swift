// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI

/// `file-log`: a line of JSON in a file for each request. Written by a thread of its own.
public final class FileLogPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var path: String
    var reopen: Bool
    var customFieldsByLua: [String: String]?
  }

  private let fields: CustomFields
  private let queue: BatchQueue

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.fields = CustomFields(configuration.customFieldsByLua)
    let file = AppendedFile(configuration.path)
    let thread = BlockingQueue("file-log")
    let reopens = configuration.reopen
    self.queue = BatchQueue(.direct, environment: environment, release: { try? await thread.run { file.close() } }) {
      batch in
      try await thread.run {
        if reopens { file.close() }
        try file.append(lines: batch)
      }
    }
  }

  public func log(_ context: RequestContext) throws {
    self.queue.enqueue(self.fields.line(context))
  }
}
