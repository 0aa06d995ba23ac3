// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// Changes to the headers of a request.
enum HeaderTransform {
  static func apply(_ operations: RenderedOperations, to context: RequestContext) {
    let request = context.request
    let service = context.serviceRequest
    for name in operations.remove { service.clearHeader(name) }
    for pair in operations.rename { if let name = pair.value { self.rename(pair.name, to: name, in: context) } }
    for pair in operations.replace {
      guard let value = pair.value, self.isHost(pair.name) || !request.headers(pair.name).isEmpty else { continue }
      service.setHeader(pair.name, value)
    }
    for pair in operations.add {
      guard let value = pair.value, !self.isHost(pair.name), request.headers(pair.name).isEmpty else { continue }
      service.setHeader(pair.name, value)
    }
    for pair in operations.append {
      guard let value = pair.value, !self.isHost(pair.name) else { continue }
      service.addHeader(pair.name, value)
    }
  }

  /// What had the new name is replaced. The new name is sent in lower case, unless case is all that changes.
  private static func rename(_ name: String, to newName: String, in context: RequestContext) {
    guard !name.isSame(as: newName), !self.isHost(name) else { return }
    let values = context.request.headers(name)
    guard let first = values.first else { return }
    let isSame = name.isSame(ignoringCase: newName)
    context.serviceRequest.clearHeader(name)
    // A request has one host.
    context.serviceRequest.setHeader(
      isSame ? newName : newName.asciiLowercased, values: self.isHost(newName) ? [first] : values)
  }

  private static func isHost(_ name: String) -> Bool { name.isSame(ignoringCase: "host") }
}
