// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// How the health of an upstream's targets is learnt. Counts of zero switch a rule off.
public struct Healthchecks: Sendable, Hashable {
  public var active = Active()
  public var passive = Passive()
  /// Percent of the targets' weight that must be healthy for the upstream to count as healthy.
  public var threshold = 0.0

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case tcp, http, https, grpc, grpcs
  }

  /// What makes a target healthy.
  public struct Healthy: Sendable, Hashable {
    /// Seconds between probes; active checks only.
    public var interval = 0.0
    public var statuses: [Int]
    public var successes = 0
  }

  /// What makes a target unhealthy.
  public struct Unhealthy: Sendable, Hashable {
    /// Seconds between probes; active checks only.
    public var interval = 0.0
    public var statuses: [Int]
    public var httpFailures = 0
    public var tcpFailures = 0
    public var timeouts = 0
  }

  /// Probes that the gateway sends.
  public struct Active: Sendable, Hashable {
    public var kind = Kind.http
    public var headers: [HeaderValues] = []
    /// Targets probed at once.
    public var concurrency = 10
    public var timeoutSeconds = 1.0
    public var path = "/"
    public var sni: String?
    public var verifiesCertificate = true
    public var healthy = Healthy(statuses: [200, 302])
    public var unhealthy = Unhealthy(statuses: [429, 404, 500, 501, 502, 503, 504, 505])
  }

  /// Conclusions from the traffic.
  public struct Passive: Sendable, Hashable {
    public var kind = Kind.http
    public var healthy = Healthy(statuses: UpstreamsSchema.passiveHealthyStatuses)
    public var unhealthy = Unhealthy(statuses: [429, 500, 503])
  }

  public init() {}

  init(validated object: JSONObject) {
    var reader = FieldReader(object)
    if let active = reader.object("active") { self.active = Active(validated: active) }
    if let passive = reader.object("passive") { self.passive = Passive(validated: passive) }
    self.threshold = reader.double("threshold") ?? 0
  }
}

extension Healthchecks.Active {
  init(validated object: JSONObject) {
    var reader = FieldReader(object)
    self.kind = reader.option("type") ?? .http
    self.headers = reader.headers("headers")
    self.concurrency = reader.int("concurrency") ?? 10
    self.timeoutSeconds = reader.double("timeout") ?? 1
    self.path = reader.string("http_path") ?? "/"
    self.sni = reader.string("https_sni")
    self.verifiesCertificate = reader.bool("https_verify_certificate") ?? true
    if let healthy = reader.object("healthy") { self.healthy = Healthchecks.Healthy(validated: healthy) }
    if let unhealthy = reader.object("unhealthy") { self.unhealthy = Healthchecks.Unhealthy(validated: unhealthy) }
  }
}

extension Healthchecks.Passive {
  init(validated object: JSONObject) {
    var reader = FieldReader(object)
    self.kind = reader.option("type") ?? .http
    if let healthy = reader.object("healthy") { self.healthy = Healthchecks.Healthy(validated: healthy) }
    if let unhealthy = reader.object("unhealthy") { self.unhealthy = Healthchecks.Unhealthy(validated: unhealthy) }
  }
}

extension Healthchecks.Healthy {
  init(validated object: JSONObject) {
    var reader = FieldReader(object)
    self.interval = reader.double("interval") ?? 0
    self.statuses = reader.ints("http_statuses")
    self.successes = reader.int("successes") ?? 0
  }
}

extension Healthchecks.Unhealthy {
  init(validated object: JSONObject) {
    var reader = FieldReader(object)
    self.interval = reader.double("interval") ?? 0
    self.statuses = reader.ints("http_statuses")
    self.httpFailures = reader.int("http_failures") ?? 0
    self.tcpFailures = reader.int("tcp_failures") ?? 0
    self.timeouts = reader.int("timeouts") ?? 0
  }
}
