// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI

/// The plugins that come with Gibbon: one line each. `plugins = bundled` enables them all.
public enum BundledPlugins {
  public static let all: [any Plugin.Type] = [
    ACLPlugin.self,
    BasicAuthPlugin.self,
    BotDetectionPlugin.self,
    CORSPlugin.self,
    CorrelationIDPlugin.self,
    FileLogPlugin.self,
    GRPCGatewayPlugin.self,
    GRPCWebPlugin.self,
    HMACAuthPlugin.self,
    HTTPLogPlugin.self,
    IPRestrictionPlugin.self,
    JWTPlugin.self,
    KeyAuthPlugin.self,
    PrometheusPlugin.self,
    ProxyCachePlugin.self,
    RateLimitingPlugin.self,
    RedirectPlugin.self,
    RequestSizeLimitingPlugin.self,
    RequestTerminationPlugin.self,
    RequestTransformerPlugin.self,
    ResponseRatelimitingPlugin.self,
    ResponseTransformerPlugin.self,
    StatsdPlugin.self,
    SyslogPlugin.self,
    TCPLogPlugin.self,
    UDPLogPlugin.self,
  ]
}
