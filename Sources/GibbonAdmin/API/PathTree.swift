// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Endpoints by path. A literal segment goes before a parameter; where it leads nowhere, the parameter is tried.
struct PathTree: Sendable {
  private struct Node: Sendable {
    var endpoint: Int?
    var literals: [String: Int] = [:]
    var parameter: Int?
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
        next = self.nodes[node].parameter ?? self.nodes.count
        self.nodes[node].parameter = next
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
    var values: [String] = []
    guard let found = self.search(segments[...], node: 0, &values) else { return nil }
    // Endpoints that share a place may call its parameter differently: each has its own names.
    let endpoint = self.endpoints[found]
    let names = endpoint.path.split(separator: "/").filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
    return Match(endpoint: endpoint, parameters: Dictionary(zip(names, values)) { _, last in last })
  }

  private func search(_ rest: ArraySlice<Substring>, node: Int, _ values: inout [String]) -> Int? {
    guard let segment = rest.first else { return self.nodes[node].endpoint }
    if let next = self.nodes[node].literals[String(segment)],
      let found = self.search(rest.dropFirst(), node: next, &values)
    {
      return found
    }
    guard let next = self.nodes[node].parameter else { return nil }
    values.append(String(segment))
    if let found = self.search(rest.dropFirst(), node: next, &values) { return found }
    values.removeLast()
    return nil
  }
}
