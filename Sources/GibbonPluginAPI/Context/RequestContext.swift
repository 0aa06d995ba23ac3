// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel
public import GibbonSchema

/// One request, as plugins see it: the counterpart of Kong's plugin development kit.
///
/// Confined to the request's event loop and reused for later requests: a plugin keeps no reference past the
/// phase it was handed to, except one that holds the phase's `suspension()`. The parts are views: `request`
/// (what the client sent), `serviceRequest` (what goes to the service), `serviceResponse`, `response`,
/// `client`.
public final class RequestContext {
  package unowned let backend: any RequestBackend
  /// Shared by all plugins of this request.
  public var shared: [String: any Sendable] = [:]
  private var pluginValues: [EntityID: any Sendable] = [:]
  /// What plugins give to the logs.
  var logValues: [LogValue] = []

  package init(backend: any RequestBackend) { self.backend = backend }

  /// Forgets what plugins left here.
  package func reset() {
    if !self.shared.isEmpty { self.shared.removeAll() }
    if !self.pluginValues.isEmpty { self.pluginValues.removeAll() }
    if !self.logValues.isEmpty { self.logValues.removeAll() }
  }

  // MARK: For plugins

  public var request: RequestView { RequestView(self) }
  public var serviceRequest: ServiceRequestView { ServiceRequestView(self) }
  public var response: ResponseView { ResponseView(self) }
  public var serviceResponse: ServiceResponseView { ServiceResponseView(self.backend) }
  public var client: ClientView { ClientView(self) }
  /// For the log phase.
  public var outcome: RequestOutcome { RequestOutcome(self) }

  /// The matched route; nil before routing and when none matched.
  public var route: Route? { self.backend.matchedRoute }
  /// The matched route's service.
  public var service: Service? { self.backend.matchedService }
  /// What names both, for what looks at every request: the entities are large to copy.
  public var matchedNames: MatchedNames? { self.backend.matchedNames }

  /// The id of this request, the same in the log, towards the service and towards the client.
  public var id: String {
    var text = ByteBuffer()
    text.append(hex: self.backend.requestID.0, width: 16)
    text.append(hex: self.backend.requestID.1, width: 16)
    return text.string
  }

  /// The groups a regular expression path captured: `{"unnamed": [...], "named": {...}}`.
  public var uriCaptures: JSONValue {
    let (texts, names) = self.backend.uriCaptures
    let values = texts.map { text -> JSONValue in text.map { .string($0) } ?? .null }
    var named = JSONObject()
    for entry in names where entry.group < values.count { named[entry.name] = values[entry.group] }
    return ["unnamed": .array(Array(values.dropFirst())), "named": .object(named)]
  }

  /// What a group of the regular expression path captured; group 0 is all that the expression matched.
  public func uriCapture(_ group: Int) -> String? {
    let texts = self.backend.uriCaptures.texts
    return texts.indices.contains(group) ? texts[group] : nil
  }

  public func uriCapture(named name: String) -> String? {
    self.backend.uriCaptures.names.first { $0.name == name }.flatMap { self.uriCapture($0.group) }
  }

  /// When the request began, in microseconds since 1970.
  public var startedWallMicroseconds: UInt64 { self.backend.startedWallMicroseconds }

  /// Now, in microseconds since 1970: as of the events that the loop is at.
  public var wallMicroseconds: UInt64 { self.backend.wallMicroseconds }

  /// A value this plugin instance keeps for the rest of the request.
  public var pluginValue: (any Sendable)? {
    get { self.backend.runningPlugin.flatMap { self.pluginValues[$0] } }
    set { if let plugin = self.backend.runningPlugin { self.pluginValues[plugin] = newValue } }
  }

  /// Which event loop carries the request, from 0: two requests with the same number never run at the same time. For
  /// state that loops should not share.
  public var loopNumber: Int { self.backend.loopNumber }

  /// Writes a line to the error log that names this request, for what people should know but need not stop for.
  public func warn(_ message: @autoclosure () -> String) { self.backend.warn(message()) }

  /// The right to go on later; the phase then answers `.suspend`.
  public func suspension() -> Suspension { self.backend.makeSuspension() }
}

@available(*, unavailable)
extension RequestContext: Sendable {}

/// What tells a route and its service from others.
public struct MatchedNames: Sendable, Hashable {
  public let routeID: EntityID
  public let routeName: String?
  /// nil for a route without a service.
  public let service: ServiceNames?

  public struct ServiceNames: Sendable, Hashable {
    public let id: EntityID
    public let name: String?
    public let host: String

    package init(id: EntityID, name: String?, host: String) {
      self.id = id
      self.name = name
      self.host = host
    }
  }

  package init(routeID: EntityID, routeName: String?, service: ServiceNames?) {
    self.routeID = routeID
    self.routeName = routeName
    self.service = service
  }
}

/// The scheme of a request or a service's protocol.
public enum RequestScheme: String, Sendable {
  case http, https
}

/// Who made the response.
public enum ResponseSource: String, Sendable {
  /// The service.
  case service
  /// A plugin, by `.respond`.
  case exit
  /// The gateway: no route, no upstream, a failure.
  case error
}
