// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// What stands for an entity of the datastore that cannot be read. It is never just left out: for want of a plugin
/// requests would pass unguarded, and for want of a route they would take another one.
struct Damaged: Sendable {
  /// For the error log.
  let reason: String

  init(_ collection: String, _ object: JSONObject, _ effect: String) {
    let name = object["name"]?.stringValue ?? object["target"]?.stringValue
    let id = object["id"]?.stringValue ?? "without an id"
    self.reason =
      "the datastore's \(collection) \(name.map { "'\($0)' " } ?? "")(\(id)) cannot be read, a field has a value of "
      + "another kind: \(effect)"
  }
}

/// An entity that has such a stand-in.
protocol StandIn: Entity {
  /// What a damaged one is served as.
  ///
  /// - Returns: nil where there can be none; and what that means for requests.
  static func standIn(_ object: JSONObject) -> (entity: Self?, effect: String)
}

extension StandIn {
  /// The entity or what stands for it, and the damage there is.
  static func read(_ object: JSONObject) -> (value: Self?, damage: Damaged?) {
    if let value = Self(validated: object) { return (value, nil) }
    let (entity, effect) = Self.standIn(object)
    return (entity, Damaged(Self.collection, object, effect))
  }
}

extension Route: StandIn {
  static func standIn(_ object: JSONObject) -> (entity: Route?, effect: String) {
    guard let route = Route(damaged: object) else { return (nil, "it matches nothing") }
    return (route, "its requests are answered with 500")
  }
}

extension Service: StandIn {
  /// Without a host: it has no endpoint.
  static func standIn(_ object: JSONObject) -> (entity: Service?, effect: String) {
    let isOff = object["enabled"]?.boolValue == false
    var service = object["id"]?.stringValue.flatMap { EntityID(uuid: $0) }.map { Service(id: $0, host: "") }
    service?.isEnabled = !isOff
    return (service, "its requests are answered with 503")
  }
}

extension PluginEntity: StandIn {
  /// Nobody knows a plugin of this name, so that it answers with 500. What it cannot tell of its scope widens that.
  static func standIn(_ object: JSONObject) -> (entity: PluginEntity?, effect: String) {
    let effect = "requests that it applies to are answered with 500"
    guard let id = object["id"]?.stringValue.flatMap({ EntityID(uuid: $0) }) else {
      return (nil, "it applies to nothing")
    }
    func reference(_ name: String) -> EntityID? {
      object[name]?["id"]?.stringValue.flatMap { EntityID(uuid: $0) }
    }
    var plugin = PluginEntity(id: id, name: "damaged:\(object["name"]?.stringValue ?? "")")
    (plugin.route, plugin.service, plugin.consumer) = (reference("route"), reference("service"), reference("consumer"))
    plugin.isEnabled = object["enabled"]?.boolValue != false
    return (plugin, effect)
  }
}

extension Upstream: StandIn {
  /// By its name, and without what says how: it has its targets.
  static func standIn(_ object: JSONObject) -> (entity: Upstream?, effect: String) {
    guard let id = object["id"]?.stringValue.flatMap({ EntityID(uuid: $0) }), let name = object["name"]?.stringValue
    else { return (nil, "services cannot use it") }
    return (Upstream(id: id, name: name), "its targets are used in turns")
  }
}

extension Certificate: StandIn {
  static func standIn(_ object: JSONObject) -> (entity: Certificate?, effect: String) {
    (nil, "its names show the default certificate, and services that use it are shown none")
  }
}

extension SNI: StandIn {
  static func standIn(_ object: JSONObject) -> (entity: SNI?, effect: String) {
    (nil, "clients that ask for it are shown the default certificate")
  }
}

extension CACertificate: StandIn {
  static func standIn(_ object: JSONObject) -> (entity: CACertificate?, effect: String) {
    (nil, "it vouches for nobody")
  }
}

extension Target: StandIn {
  static func standIn(_ object: JSONObject) -> (entity: Target?, effect: String) { (nil, "it gets no requests") }
}
