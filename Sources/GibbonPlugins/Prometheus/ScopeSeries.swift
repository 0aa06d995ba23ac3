// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI

/// What one request adds.
struct RequestSample: Sendable {
  /// 0: nothing to add.
  var receivedBytes: UInt64 = 0
  var sentBytes: UInt64 = 0
  var status: Status?
  var latencies: RequestLatencies?

  struct Status: Sendable, Hashable {
    let code: UInt16
    let isFromService: Bool
  }
}

/// Whose request it is, as far as metrics tell.
struct RequestScope {
  let names: MatchedNames
  /// nil where consumers are not told apart.
  let consumer: Consumer?

  /// Finds what is known of such requests without making text.
  struct Key: Sendable, Hashable {
    let route: EntityID
    let service: EntityID?
    let consumer: EntityID?
  }

  var key: Key { Key(route: self.names.routeID, service: self.names.service?.id, consumer: self.consumer?.id) }
}

/// Where the values of a scope's series stand, as far as it was asked.
struct ScopeSeries: Sendable {
  /// What the labels were made of: entities may be renamed.
  private let names: MatchedNames
  private let username: String?

  private let scope: LabelText
  private var ingress: Int?
  private var egress: Int?
  private var kongLatency: Int?
  private var requestLatency: Int?
  private var upstreamLatency: Int?
  /// Few in practice, and never more than there are statuses.
  private var statuses: [(status: RequestSample.Status, place: Int)] = []

  /// There are no other workspaces.
  private static let workspace = "default"

  init(_ scope: RequestScope) {
    self.names = scope.names
    self.username = scope.consumer?.username
    var text = LabelText()
    text.add("service", scope.names.service.map { $0.name ?? $0.host } ?? "")
    text.add("route", scope.names.routeName ?? "\(scope.names.routeID)")
    self.scope = text
  }

  /// Whether the labels are still right.
  func fits(_ scope: RequestScope) -> Bool {
    self.names == scope.names && self.username == scope.consumer?.username
  }

  // MARK: Places

  mutating func ingress(_ directory: SeriesDirectory) -> Int? {
    if let place = self.ingress { return place }
    self.ingress = directory.place(of: .bandwidth, self.bandwidth("ingress"))
    return self.ingress
  }

  mutating func egress(_ directory: SeriesDirectory) -> Int? {
    if let place = self.egress { return place }
    self.egress = directory.place(of: .bandwidth, self.bandwidth("egress"))
    return self.egress
  }

  mutating func kongLatency(_ directory: SeriesDirectory) -> Int? {
    if let place = self.kongLatency { return place }
    self.kongLatency = directory.place(of: .kongLatency, self.latency)
    return self.kongLatency
  }

  mutating func requestLatency(_ directory: SeriesDirectory) -> Int? {
    if let place = self.requestLatency { return place }
    self.requestLatency = directory.place(of: .requestLatency, self.latency)
    return self.requestLatency
  }

  mutating func upstreamLatency(_ directory: SeriesDirectory) -> Int? {
    if let place = self.upstreamLatency { return place }
    self.upstreamLatency = directory.place(of: .upstreamLatency, self.latency)
    return self.upstreamLatency
  }

  mutating func status(_ status: RequestSample.Status, _ directory: SeriesDirectory) -> Int? {
    for known in self.statuses where known.status == status { return known.place }
    let labels = self.scope.adding("code", "\(status.code)")
      .adding("source", status.isFromService ? "service" : "kong")
      .adding("workspace", Self.workspace).adding("consumer", self.username ?? "")
    guard let place = directory.place(of: .requests, labels) else { return nil }
    self.statuses.append((status, place))
    return place
  }

  // MARK: Labels

  private var latency: LabelText { self.scope.adding("workspace", Self.workspace) }

  private func bandwidth(_ direction: String) -> LabelText {
    self.scope.adding("direction", direction).adding("workspace", Self.workspace)
      .adding("consumer", self.username ?? "")
  }
}
