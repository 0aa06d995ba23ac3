// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Endpoints by path. A literal segment goes before a parameter; where it leads nowhere, the parameter is tried.
struct PathTree: Sendable {
  private struct Node: Sendable {
    var endpoint: Int?
    var literals: [String: Int] = [:]
    var parameter: (name: String, node: Int)?
  }

  struct Match: Sendable {
    let endpoint: Endpoint
    /// As they were sent, percent-encoded.
    let parameters: [String: String]
  }

  private var nodes = [Node()]
  private var endpoints: [Endpoint] = []
  /// Segments of the longest path that is looked at.
  private static let depthLimit = 16

  init(_ endpoints: [Endpoint]) {
    for endpoint in endpoints { self.add(endpoint) }
  }

  private mutating func add(_ endpoint: Endpoint) {
    var node = 0
    for segment in endpoint.path.split(separator: "/") {
      let next: Int
      if segment.hasPrefix(":") {
        next = self.nodes[node].parameter?.node ?? self.nodes.count
        // Endpoints that share a place call its parameter alike.
        self.nodes[node].parameter = (String(segment.dropFirst()), next)
      } else {
        next = self.nodes[node].literals[String(segment)] ?? self.nodes.count
        self.nodes[node].literals[String(segment)] = next
      }
      if next == self.nodes.count { self.nodes.append(Node()) }
      node = next
    }
    self.nodes[node].endpoint = self.endpoints.count
    self.endpoints.append(endpoint)
  }

  /// The endpoint of a path; a slash at its end does not matter.
  func match(_ segments: [Substring]) -> Match? {
    guard segments.count <= Self.depthLimit, !segments.contains("") else { return nil }
    var values: [String: String] = [:]
    return self.search(segments[...], node: 0, &values).map { Match(endpoint: self.endpoints[$0], parameters: values) }
  }

  private func search(_ rest: ArraySlice<Substring>, node: Int, _ values: inout [String: String]) -> Int? {
    guard let segment = rest.first else { return self.nodes[node].endpoint }
    if let next = self.nodes[node].literals[String(segment)],
      let found = self.search(rest.dropFirst(), node: next, &values)
    {
      return found
    }
    guard let (name, next) = self.nodes[node].parameter else { return nil }
    values[name] = String(segment)
    if let found = self.search(rest.dropFirst(), node: next, &values) { return found }
    values[name] = nil
    return nil
  }
}
