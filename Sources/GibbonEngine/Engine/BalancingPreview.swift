// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonIO
internal import GibbonModel

/// Where consistent hashing would send a request that is only imagined.
public struct BalancingPreview: Sendable, Hashable {
  /// The parts of such a request that a hash can look at.
  public struct Request: Sendable {
    public var path: String
    public var query: String
    public var headers: [(name: String, value: String)]

    public init(path: String, query: String, headers: [(name: String, value: String)]) {
      self.path = path
      self.query = query
      self.headers = headers
    }

    fileprivate func field(_ name: String) -> [UInt8]? {
      let name = Array(name.utf8)
      let values = self.headers.filter { Array($0.name.utf8).span.equalsIgnoringCase(name.span) }.map(\.value)
      return values.isEmpty ? nil : Array(values.joined(separator: ", ").utf8)
    }
  }

  /// `header X-Key`, `path`…; nil when the request has none of what is asked for, or it is not known beforehand.
  public let input: String?
  public let value: String
  /// `host:port` of the target, and the address.
  public let target: String?
  public let address: String?
}

extension Engine {
  /// nil where the target does not depend on the request.
  public func preview(upstream name: String, _ request: BalancingPreview.Request) -> BalancingPreview? {
    guard let balancer = self.upstreams.all.first(where: { $0.name == name }) else { return nil }
    let view = balancer.view
    let upstream = view.runtime.entity
    guard upstream.algorithm == .consistentHashing else { return nil }
    let found =
      Self.input(
        upstream.hashOn, upstream.hashOnHeader, upstream.hashOnQueryArg, cookie: upstream.hashOnCookie, request)
      ?? Self.input(
        upstream.hashFallback, upstream.hashFallbackHeader, upstream.hashFallbackQueryArg,
        cookie: upstream.hashOnCookie, request)
    let value = found?.value ?? []
    var random = RandomSource()
    let entry = view.table.pick(hash: XXHash32.hash(value.span), now: Clock.milliseconds, random: &random)
    let target = entry.flatMap { entry in view.targets.first { $0.entries.contains(entry) }?.target.text }
    return BalancingPreview(
      input: found?.name, value: String(decoding: value, as: UTF8.self), target: target,
      address: entry.map { "\(view.socketAddress(of: $0))" })
  }

  private static func input(
    _ input: Upstream.HashInput, _ header: String?, _ argument: String?, cookie: String?,
    _ request: BalancingPreview.Request
  ) -> (name: String, value: [UInt8])? {
    switch input {
    case .none, .consumer, .ip, .uriCapture: nil
    case .header: header.flatMap { name in request.field(name).map { ("header \(name)", $0) } }
    case .path: ("path", HashText.decodedPath(Array(request.path.utf8)))
    case .queryArg:
      argument.flatMap { name in
        HashText.argument(name, in: Array(request.query.utf8)).map { ("query argument \(name)", $0) }
      }
    case .cookie:
      cookie.flatMap { name in
        request.field("cookie").flatMap { HashText.cookie(name, in: $0) }.map { ("cookie \(name)", $0) }
      }
    }
  }
}
