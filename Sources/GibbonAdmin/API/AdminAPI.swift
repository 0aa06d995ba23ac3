// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// A set of endpoints behind the rules that all of them share: paths, methods, media types, errors, and the headers
/// of every answer.
public struct AdminAPI: Sendable {
  let endpoints: [Endpoint]
  private let tree: PathTree
  private let workspace: @Sendable (String) async -> Workspace?
  /// The endpoint keys of collections.
  private let keys: [String: String]
  private let reportFault: @Sendable (String) -> Void

  /// - Parameters:
  ///   - workspace: the workspace of that name, for paths that begin with one.
  ///   - keys: the endpoint keys of the collections that parameters are named after.
  ///   - reportFault: told of what went wrong inside, for the error log.
  init(
    _ endpoints: [Endpoint], workspace: @escaping @Sendable (String) async -> Workspace? = { _ in nil },
    keys: [String: String] = [:],
    reportFault: @escaping @Sendable (String) -> Void
  ) {
    self.endpoints = endpoints
    self.tree = PathTree(endpoints)
    self.workspace = workspace
    self.keys = keys
    self.reportFault = reportFault
  }

  /// Answers a request. Never throws: what fails is an answer too.
  public func respond(to request: AdminRequest) async -> AdminResponse {
    do {
      return try await self.dispatch(request)
    } catch let error as AdminError {
      return error.response
    } catch let error as DataError {
      if error.code == .databaseError || error.code == .unavailable {
        self.reportFault("\(request.method) \(request.path): \(error.message)")
      }
      return AdminResponse(error)
    } catch {
      self.reportFault("\(request.method) \(request.path): \(error)")
      return .message("An unexpected error occurred", status: 500)
    }
  }

  private func dispatch(_ request: AdminRequest) async throws -> AdminResponse {
    var request = request
    guard let match = try await self.match(&request) else {
      if Self.takesBody(request.method), !request.body.isEmpty { try Self.checkMediaType(request, of: nil) }
      throw AdminError.notFound
    }
    request.rawParameters = match.parameters
    for (name, raw) in match.parameters {
      if let position = PercentEncoding.firstFault(in: raw) { throw self.malformed(name, at: position) }
      request.parameters[name] = PercentEncoding.decoded(raw)
    }
    let methods = Self.methods(of: match.endpoint)
    if request.method == "OPTIONS" {
      // A path all of whose methods are refused refuses this one too.
      if methods == ["OPTIONS"], let refusal = match.endpoint.operations.first {
        return try await refusal.handle(request)
      }
      return Self.options(methods, request)
    }
    if Self.takesBody(request.method) { try Self.checkMediaType(request, of: match.endpoint) }
    if request.hasTooManyArguments { throw AdminError(400, ArgumentError.tooMany.message) }
    let method = request.method == "HEAD" ? "GET" : request.method
    guard let operation = match.endpoint.operations.first(where: { $0.method == method }) else {
      throw AdminError.notAllowed
    }
    return try await operation.handle(request)
  }

  /// The answer to a parameter that is no UTF-8: no entity can have such a key.
  private func malformed(_ parameter: String, at position: Int) -> any Error {
    let message = "invalid utf-8 character sequence detected at position \(position)"
    guard let key = self.keys[parameter] else { return AdminError(400, message) }
    return DataError(.invalidUnique, "invalid unique \(key)", message)
  }

  /// The endpoint of the path, or of what follows the name of a workspace.
  private func match(_ request: inout AdminRequest) async throws -> PathTree.Match? {
    var segments = request.path.split(separator: "/", omittingEmptySubsequences: false)
    if segments.first == "" { segments.removeFirst() }
    if segments.last == "" { segments.removeLast() }
    if let match = self.tree.match(segments) { return match }
    guard let first = segments.first, let rest = self.tree.match(Array(segments.dropFirst())),
      let workspace = await self.workspace(PercentEncoding.decoded(String(first)))
    else { return nil }
    request.workspace = workspace.id
    return rest
  }

  /// Whether a request of this method says something by its body.
  static func takesBody(_ method: String) -> Bool { method == "POST" || method == "PUT" || method == "PATCH" }

  /// Bodies must say what they are (415 otherwise).
  private static func checkMediaType(_ request: AdminRequest, of endpoint: Endpoint?) throws(AdminError) {
    switch ContentType(request.header("content-type")).kind {
    case .json, .form, .multipart: return
    case .yaml where endpoint?.path == ConfigEndpoints.path: return
    case .none where request.body.isEmpty: return
    default: throw AdminError(415, nil)
    }
  }

  private static func methods(of endpoint: Endpoint) -> [String] {
    let own = endpoint.operations.filter { !$0.isRefusal }.map(\.method)
    return (own + ["OPTIONS"] + (own.contains("GET") ? ["HEAD"] : [])).sorted()
  }

  /// 204 with the methods.
  private static func options(_ methods: [String], _ request: AdminRequest) -> AdminResponse {
    let list = methods.joined(separator: ", ")
    return AdminResponse(
      status: 204,
      headers: [
        ("Allow", list), ("Access-Control-Allow-Methods", list),
        ("Access-Control-Allow-Headers", request.header("access-control-request-headers") ?? "Content-Type"),
      ])
  }
}
