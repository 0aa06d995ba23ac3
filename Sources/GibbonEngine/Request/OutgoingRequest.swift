// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// The request as the service shall get it, where that differs from what was received: decided by the router and by
/// plugins, up to the first try.
final class OutgoingRequest {
  /// What plugins set in place of the client's.
  var edits = HeaderEdits()
  var path: String?
  var query: String?
  var method: String?
  var target: (host: String, port: UInt16)?
  /// The part of the path that the route matched.
  var matchedPrefix = ByteRange.empty
  /// The route was found by the path, if only by an empty part of it.
  var hasMatchedPath = false
  var captures: [ByteRange?] = []
  var captureNames: [(name: String, group: Int)] = []
  /// The `Host` of the endpoint that was picked.
  var endpointHost: [UInt8] = []

  func reset() { self.matchedPrefix = .empty }

  /// What only plugins and rare routes leave behind.
  func resetTraces() {
    self.captures.removeAll()
    self.captureNames.removeAll()
    self.edits = HeaderEdits()
    self.path = nil
    self.query = nil
    self.method = nil
    self.target = nil
  }

  func edit(_ edit: (inout HeaderEdits) -> Void) {
    var edits = HeaderEdits()
    swap(&edits, &self.edits)
    edit(&edits)
    swap(&edits, &self.edits)
  }
}
