using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Authorization;

/// <summary>Who is answered what on every route that the server has. A route that is not in the table fails.</summary>
public sealed class RouteTests
{
    /// <summary>
    /// What these are answered: somebody anonymous; a stranger, who owns another organization; a member, an admin, a manager
    /// and an owner; a superuser who is a member of nothing; the owner in a browser; an owner whose token has no scope for it;
    /// an app of the organization whose token has none; an app of another organization that has all. Whoever is let in to
    /// what would change too much gets a 400, or, for what does not exist, a 404. Pages look at no token: whoever comes with one
    /// is sent to the login, and their forms are refused.
    /// </summary>
    private const string Expected =
        """
        GET /api/0/                                                                                200 200 200 200 200 200 200 200 200 200 200
        GET /api/0/users/me/                                                                       401 200 200 200 200 200 200 200 200 200 200
        GET /api/0/auth/                                                                           401 200 200 200 200 200 200 200 200 200 200
        GET /api/0/api-tokens/                                                                     401 403 403 403 403 403 403 200 403 403 403
        POST /api/0/api-tokens/                                                                    401 403 403 403 403 403 403 400 403 403 403
        PUT /api/0/api-tokens/{token:long}/                                                        401 403 403 403 403 403 403 204 403 403 403
        DELETE /api/0/api-tokens/{token:long}/                                                     401 403 403 403 403 403 403 204 403 403 403
        GET /api/0/organizations/{organization}/org-auth-tokens/                                   401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/org-auth-tokens/                                  401 404 403 403 400 400 400 400 403 403 404
        PUT /api/0/organizations/{organization}/org-auth-tokens/{token:long}/                      401 404 403 403 204 204 204 204 403 403 404
        DELETE /api/0/organizations/{organization}/org-auth-tokens/{token:long}/                   401 404 403 403 204 204 204 204 403 403 404
        GET /api/0/organizations/                                                                  401 200 200 200 200 200 200 200 403 403 200
        GET /api/0/organizations/{organization}/                                                   401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/audit-logs/                                        401 404 403 403 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/projects/                                          401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/projects/{organization}/{project}/                                              401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/projects/{organization}/{project}/keys/                                         401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/projects/{organization}/{project}/keys/                                        401 404 403 201 201 201 201 201 403 403 404
        GET /api/0/projects/{organization}/{project}/keys/{key}/                                   401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/projects/{organization}/{project}/keys/{key}/                                   401 404 403 200 200 200 200 200 403 403 404
        DELETE /api/0/projects/{organization}/{project}/keys/{key}/                                401 404 403 204 204 204 204 204 403 403 404
        GET /api/0/projects/{organization}/{project}/issues/                                       401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/projects/{organization}/{project}/events/{eventId}/                             401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/sentry-apps/                                                                    401 200 200 200 200 200 200 200 403 403 200
        POST /api/0/sentry-apps/                                                                   401 403 403 403 400 400 401 400 403 403 403
        GET /api/0/organizations/{organization}/sentry-apps/                                       401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/sentry-apps/{app}/                                                              401 403 200 200 200 200 200 200 403 403 403
        PUT /api/0/sentry-apps/{app}/                                                              401 403 403 403 200 200 200 200 403 403 403
        DELETE /api/0/sentry-apps/{app}/                                                           401 403 403 403 403 204 204 204 403 403 403
        GET /api/0/sentry-apps/{app}/features/                                                     401 403 200 200 200 200 200 200 403 403 403
        GET /api/0/sentry-apps/{app}/components/                                                   401 403 200 200 200 200 200 200 403 403 403
        POST /api/0/sentry-apps/{app}/rotate-secret/                                               401 404 403 403 200 200 200 200 403 403 404
        POST /api/0/sentry-apps/{app}/publish-request/                                             401 403 403 403 403 400 400 400 403 403 403
        GET /api/0/sentry-apps/{app}/stats/                                                        401 403 200 200 200 200 200 200 403 403 403
        GET /api/0/sentry-apps/{app}/interaction/                                                  401 403 200 200 200 200 200 200 403 403 403
        POST /api/0/sentry-apps/{app}/interaction/                                                 401 403 403 403 403 403 403 201 403 403 403
        GET /api/0/sentry-apps/{app}/avatar/                                                       401 403 200 200 200 200 200 200 403 403 403
        PUT /api/0/sentry-apps/{app}/avatar/                                                       401 403 403 403 400 400 400 400 403 403 403
        GET /api/0/sentry-apps/{app}/api-tokens/                                                   401 403 403 403 403 403 403 200 403 403 403
        POST /api/0/sentry-apps/{app}/api-tokens/                                                  401 403 403 403 403 403 403 201 403 403 403
        DELETE /api/0/sentry-apps/{app}/api-tokens/{token:long}/                                   401 403 403 403 403 403 403 204 403 403 403
        GET /api/0/organizations/{organization}/sentry-app-installations/                          401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/sentry-app-installations/                         401 404 403 400 400 400 400 400 403 403 404
        GET /api/0/sentry-app-installations/{installation}/                                        401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/sentry-app-installations/{installation}/                                        401 403 403 403 403 403 403 403 403 403 403
        DELETE /api/0/sentry-app-installations/{installation}/                                     401 404 403 204 204 204 204 204 403 403 404
        GET /api/0/sentry-app-installations/{installation}/service-hook-projects/                  401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/sentry-app-installations/{installation}/service-hook-projects/                 401 404 400 400 400 400 400 400 403 403 404
        DELETE /api/0/sentry-app-installations/{installation}/service-hook-projects/               401 404 403 204 204 204 204 204 403 403 404
        POST /api/0/sentry-app-installations/{installation}/external-issues/                       401 404 400 400 400 400 400 400 403 403 404
        DELETE /api/0/sentry-app-installations/{installation}/external-issues/{id:long}/           401 404 404 404 404 404 404 404 403 403 404
        GET /api/0/organizations/{organization}/sentry-app-components/                             401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/sentry-app-installations/{installation}/external-requests/                      401 404 400 400 400 400 400 400 403 403 404
        POST /api/0/sentry-app-installations/{installation}/external-issue-actions/                401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/sentry-apps/{app}/requests/                                                     401 403 200 200 200 200 200 200 403 403 403
        GET /api/0/sentry-apps/{app}/webhook-requests/                                             401 403 200 200 200 200 200 200 403 403 403
        GET /api/vedette/organizations/{organization}/deliveries/live/                             401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/                                            401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/                                    401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/organizations/{organization}/issues/{issue}/                                    401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/events/{which}/                     401 404 200 200 200 200 200 200 403 403 404
        GET /api/vedette/organizations/{organization}/deliveries/                                  401 404 200 200 200 200 200 200 403 403 404
        GET /api/vedette/organizations/{organization}/deliveries/{delivery:long}/                  401 404 200 200 200 200 200 200 403 403 404
        GET /api/vedette/organizations/{organization}/explain/                                     401 404 400 400 400 400 400 400 403 403 404
        POST /api/vedette/organizations/{organization}/deliveries/{delivery:long}/replay/          401 404 403 403 201 200 200 200 403 403 404
        GET /api/vedette/organizations/{organization}/replays/                                     401 404 200 200 200 200 200 200 403 403 404
        POST /api/vedette/organizations/{organization}/replays/                                    401 404 403 403 400 400 400 400 403 403 404
        GET /api/vedette/organizations/{organization}/replays/{job:long}/                          401 404 404 404 404 404 404 404 403 403 404
        PUT /api/vedette/organizations/{organization}/replays/{job:long}/                          401 404 403 403 404 404 404 404 403 403 404
        DELETE /api/vedette/organizations/{organization}/replays/{job:long}/                       401 404 403 403 404 404 404 404 403 403 404
        GET /api/0/projects/{organization}/{project}/hooks/                                        401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/projects/{organization}/{project}/hooks/                                       401 404 403 201 201 201 201 201 403 403 404
        GET /api/0/projects/{organization}/{project}/hooks/{hook}/                                 401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/projects/{organization}/{project}/hooks/{hook}/stats/                           401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/projects/{organization}/{project}/hooks/{hook}/                                 401 404 403 200 200 200 200 200 403 403 404
        DELETE /api/0/projects/{organization}/{project}/hooks/{hook}/                              401 404 403 204 204 204 204 204 403 403 404
        POST /api/0/organizations/                                                                 401 400 400 400 400 400 400 400 403 403 403
        PUT /api/0/organizations/{organization}/                                                   401 404 403 403 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/teams/                                             401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/teams/                                            401 404 403 400 400 400 400 400 403 403 404
        GET /api/0/teams/{organization}/{team}/                                                    401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/teams/{organization}/{team}/                                                    401 404 403 200 200 200 200 200 403 403 404
        DELETE /api/0/teams/{organization}/{team}/                                                 401 404 403 204 204 204 204 204 403 403 404
        GET /api/0/teams/{organization}/{team}/members/                                            401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/accept-invite/{member}/{token}/                                                 400 400 400 400 400 400 400 400 400 400 400
        POST /api/0/accept-invite/{member}/{token}/                                                400 400 400 400 400 400 400 400 400 400 400
        GET /api/0/teams/{organization}/{team}/projects/                                           401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/teams/{organization}/{team}/projects/                                          401 404 403 400 400 400 400 400 403 403 404
        PUT /api/0/projects/{organization}/{project}/                                              401 404 403 200 200 200 200 200 403 403 404
        DELETE /api/0/projects/{organization}/{project}/                                           401 404 403 204 204 204 204 204 403 403 404
        POST /api/0/projects/{organization}/{project}/teams/{team}/                                401 404 403 201 201 201 201 201 403 403 404
        DELETE /api/0/projects/{organization}/{project}/teams/{team}/                              401 404 403 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/members/                                           401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/members/                                          401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/members/{member}/                                  401 404 200 200 200 200 404 200 403 403 404
        PUT /api/0/organizations/{organization}/members/{member}/                                  401 404 403 403 200 200 404 200 403 403 404
        DELETE /api/0/organizations/{organization}/members/{member}/                               401 404 400 400 204 204 204 204 403 403 404
        POST /api/0/organizations/{organization}/members/{member}/teams/{team}/                    401 404 201 201 201 201 404 204 403 403 404
        DELETE /api/0/organizations/{organization}/members/{member}/teams/{team}/                  401 404 200 200 200 200 404 200 403 403 404
        DELETE /api/0/organizations/{organization}/                                                401 404 403 403 403 202 404 404 403 403 404
        GET /                                                                                      302 302 302 302 302 302 302 200 302 302 302
        GET /settings/account/                                                                     302 302 302 302 302 302 302 200 302 302 302
        GET /auth/login/                                                                           200 200 200 200 200 200 200 302 200 200 200
        POST /auth/login/                                                                          403 403 403 403 403 403 403 401 403 403 403
        GET /accept/{member}/{token}/                                                              404 404 404 404 404 404 404 404 404 404 404
        POST /accept/{member}/{token}/                                                             403 403 403 403 403 403 403 404 403 403 403
        POST /auth/logout/                                                                         403 403 403 403 403 403 403 302 403 403 403
        GET /oauth/authorize/                                                                      400 400 400 400 400 400 400 400 400 400 400
        POST /oauth/authorize/                                                                     302 302 302 302 302 302 302 400 302 302 302
        GET /oauth/device/                                                                         302 302 302 302 302 302 302 200 302 302 302
        POST /oauth/device/                                                                        302 302 302 302 302 302 302 200 302 302 302
        GET /settings/account/authorizations/                                                      302 302 302 302 302 302 302 200 302 302 302
        POST /settings/account/authorizations/                                                     302 302 302 302 302 302 302 302 302 302 302
        GET /api/0/api-authorizations/                                                             401 403 403 403 403 403 403 200 403 403 403
        DELETE /api/0/api-authorizations/                                                          401 403 403 403 403 403 403 400 403 403 403
        GET /api/0/api-applications/                                                               401 403 403 403 403 403 403 200 403 403 403
        POST /api/0/api-applications/                                                              401 403 403 403 403 403 403 201 403 403 403
        GET /api/0/api-applications/{application}/                                                 401 403 403 403 403 403 403 200 403 403 403
        PUT /api/0/api-applications/{application}/                                                 401 403 403 403 403 403 403 200 403 403 403
        DELETE /api/0/api-applications/{application}/                                              401 403 403 403 403 403 403 204 403 403 403
        POST /api/0/api-applications/{application}/rotate-secret/                                  401 403 403 403 403 403 403 200 403 403 403
        GET /api/0/organizations/{organization}/releases/                                          401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/releases/                                         401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/releases/{version}/                                401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/organizations/{organization}/releases/{version}/                                401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/organizations/{organization}/releases/{version}/                             401 404 204 204 204 204 204 204 403 403 404
        GET /api/0/organizations/{organization}/releases/{version}/commits/                        401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/projects/{organization}/{project}/releases/                                     401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/projects/{organization}/{project}/releases/                                    401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/projects/{organization}/{project}/releases/{version}/                           401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/projects/{organization}/{project}/releases/{version}/                           401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/projects/{organization}/{project}/releases/{version}/                        401 404 204 204 204 204 204 204 403 403 404
        GET /api/0/projects/{organization}/{project}/releases/{version}/commits/                   401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/releases/{version}/previous-with-commits/          401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/releases/{version}/deploys/                        401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/releases/{version}/deploys/                       401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/repos/                                             401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/                                                                 401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/organizations/{organization}/issues/{issue}/                                 401 404 202 202 202 202 202 202 403 403 404
        PUT /api/0/issues/{issue}/                                                                 401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/issues/{issue}/                                                              401 404 202 202 202 202 202 202 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/activities/                         401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/activities/                                                      401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/comments/                           401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/issues/{issue}/comments/                          401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/comments/{comment:long}/            401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/organizations/{organization}/issues/{issue}/comments/{comment:long}/            401 404 403 403 403 403 200 200 403 403 404
        DELETE /api/0/organizations/{organization}/issues/{issue}/comments/{comment:long}/         401 404 403 403 403 403 204 204 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/notes/                              401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/issues/{issue}/notes/                             401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/notes/{comment:long}/               401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/organizations/{organization}/issues/{issue}/notes/{comment:long}/               401 404 403 403 403 403 200 200 403 403 404
        DELETE /api/0/organizations/{organization}/issues/{issue}/notes/{comment:long}/            401 404 403 403 403 403 204 204 403 403 404
        GET /api/0/issues/{issue}/comments/                                                        401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/issues/{issue}/comments/                                                       401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/issues/{issue}/comments/{comment:long}/                                         401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/issues/{issue}/comments/{comment:long}/                                         401 404 403 403 403 403 200 200 403 403 404
        DELETE /api/0/issues/{issue}/comments/{comment:long}/                                      401 404 403 403 403 403 204 204 403 403 404
        GET /api/0/issues/{issue}/notes/                                                           401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/issues/{issue}/notes/                                                          401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/issues/{issue}/notes/{comment:long}/                                            401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/issues/{issue}/notes/{comment:long}/                                            401 404 403 403 403 403 200 200 403 403 404
        DELETE /api/0/issues/{issue}/notes/{comment:long}/                                         401 404 403 403 403 403 204 204 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/autofix/                            401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/issues/{issue}/autofix/                           401 404 201 201 201 201 201 201 403 403 404
        POST /api/0/organizations/{organization}/issues/{issue}/autofix/{run:long}/steps/          401 404 404 404 404 404 404 404 403 403 404
        GET /api/0/issues/{issue}/autofix/                                                         401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/issues/{issue}/autofix/                                                        401 404 201 201 201 201 201 201 403 403 404
        POST /api/0/issues/{issue}/autofix/{run:long}/steps/                                       401 404 404 404 404 404 404 404 403 403 404
        PUT /api/0/organizations/{organization}/issues/                                            401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/organizations/{organization}/issues/                                         401 404 204 204 204 204 204 204 403 403 404
        PUT /api/0/projects/{organization}/{project}/issues/                                       401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/projects/{organization}/{project}/issues/                                    401 404 204 204 204 204 204 204 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/events/                             401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/hashes/                             401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/tags/                               401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/tags/{tag}/                         401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/tags/{tag}/values/                  401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/issues/{issue}/external-issues/                    401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/organizations/{organization}/issues/{issue}/external-issues/{id:long}/ 401 404 404 404 404 404 404 404 403 403 404
        GET /api/0/issues/{issue}/events/                                                          401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/events/{which}/                                                  401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/hashes/                                                          401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/tags/                                                            401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/tags/{tag}/                                                      401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/tags/{tag}/values/                                               401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/issues/{issue}/external-issues/                                                 401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/issues/{issue}/external-issues/{id:long}/                                    401 404 404 404 404 404 404 404 403 403 404
        GET /api/0/projects/{organization}/{project}/events/                                       401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/eventids/{eventId}/                                401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/shortids/{shortId}/                                401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/projects/{organization}/{project}/rules/                                        401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/projects/{organization}/{project}/rules/                                       401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/projects/{organization}/{project}/rules/{rule:long}/                            401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/projects/{organization}/{project}/rules/{rule:long}/                            401 404 400 400 400 400 400 400 403 403 404
        DELETE /api/0/projects/{organization}/{project}/rules/{rule:long}/                         401 404 202 202 202 202 202 202 403 403 404
        POST /api/0/projects/{organization}/{project}/rules/{rule:long}/snooze/                    401 404 400 400 400 400 400 400 403 403 404
        DELETE /api/0/projects/{organization}/{project}/rules/{rule:long}/snooze/                  401 404 404 404 404 404 404 404 403 403 404
        POST /api/0/projects/{organization}/{project}/rules/{rule:long}/test/                      401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/projects/{organization}/{project}/rules/preview/                               401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/workflows/                                         401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/workflows/                                        401 404 400 400 400 400 400 400 403 403 404
        PUT /api/0/organizations/{organization}/workflows/                                         401 404 400 400 400 400 400 400 403 403 404
        DELETE /api/0/organizations/{organization}/workflows/                                      401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/workflows/{workflow:long}/                         401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/organizations/{organization}/workflows/{workflow:long}/                         401 404 200 200 200 200 200 200 403 403 404
        DELETE /api/0/organizations/{organization}/workflows/{workflow:long}/                      401 404 204 204 204 204 204 204 403 403 404
        POST /api/0/organizations/{organization}/workflows/{workflow:long}/test/                   401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/detectors/                                         401 404 200 200 200 200 200 200 403 403 404
        GET /api/0/organizations/{organization}/detectors/{detector:long}/                         401 404 200 200 200 200 200 200 403 403 404
        GET /api/vedette/organizations/{organization}/workflows/{workflow:long}/firings/           401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/projects/{project}/detectors/                     401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/combined-rules/                                    401 404 200 200 200 200 200 200 403 403 404
        PUT /api/0/organizations/{organization}/detectors/                                         401 404 400 400 400 400 400 400 403 403 404
        DELETE /api/0/organizations/{organization}/detectors/                                      401 404 400 400 400 400 400 400 403 403 404
        PUT /api/0/organizations/{organization}/detectors/{detector:long}/                         401 404 400 400 400 400 400 400 403 403 404
        DELETE /api/0/organizations/{organization}/detectors/{detector:long}/                      401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/alert-rules/                                       401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/alert-rules/                                      401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/alert-rules/{id}/                                  401 404 404 404 404 404 404 404 403 403 404
        PUT /api/0/organizations/{organization}/alert-rules/{id}/                                  401 404 404 404 404 404 404 404 403 403 404
        DELETE /api/0/organizations/{organization}/alert-rules/{id}/                               401 404 404 404 404 404 404 404 403 403 404
        POST /api/0/organizations/{organization}/alert-rules/{id}/test/                            401 404 404 404 404 404 404 404 403 403 404
        GET /api/0/projects/{organization}/{project}/alert-rules/                                  401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/projects/{organization}/{project}/alert-rules/                                 401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/projects/{organization}/{project}/alert-rules/{id}/                             401 404 404 404 404 404 404 404 403 403 404
        PUT /api/0/projects/{organization}/{project}/alert-rules/{id}/                             401 404 404 404 404 404 404 404 403 403 404
        DELETE /api/0/projects/{organization}/{project}/alert-rules/{id}/                          401 404 404 404 404 404 404 404 403 403 404
        POST /api/0/projects/{organization}/{project}/alert-rules/{id}/test/                       401 404 404 404 404 404 404 404 403 403 404
        POST /api/0/projects/{organization}/{project}/alert-rules/{id}/snooze/                     401 404 404 404 404 404 404 404 403 403 404
        DELETE /api/0/projects/{organization}/{project}/alert-rules/{id}/snooze/                   401 404 404 404 404 404 404 404 403 403 404
        GET /api/0/organizations/{organization}/incidents/                                         401 404 200 200 200 200 200 200 403 403 404
        POST /api/0/organizations/{organization}/incidents/                                        401 404 400 400 400 400 400 400 403 403 404
        GET /api/0/organizations/{organization}/incidents/{identifier:long}/                       401 404 404 404 404 404 404 404 403 403 404
        PUT /api/0/organizations/{organization}/incidents/{identifier:long}/                       401 404 404 404 404 404 404 404 403 403 404
        GET /api/0/organizations/{organization}/incidents/{identifier:long}/activity/              401 404 404 404 404 404 404 404 403 403 404
        """;

    private const string Hook = """{"url":"https://receiver.example/hook"}""";

    /// <summary>Routes that ask for no credential: SDKs show a key instead, logins a password, and machines look at the rest.</summary>
    private static readonly string[] Open =
    [
        "GET /health/live", "GET /health/ready", "GET /metrics", "GET /sentry-app-avatar/{uuid}/", "GET /_static/{hash}/{name}",
        "GET /.well-known/oauth-authorization-server", "POST /oauth/token/", "POST /oauth/revoke/", "POST /oauth/device/code/", "OPTIONS /oauth/device/code/",
        "GET /oauth/userinfo/", "POST /api/0/auth/", "DELETE /api/0/auth/", "POST /api/0/sentry-app-installations/{installation}/authorizations/",
        "POST /api/{projectId}/envelope/", "OPTIONS /api/{projectId}/envelope/", "* /api/{projectId}/envelope/",
        "POST /api/{projectId}/store/", "GET /api/{projectId}/store/", "OPTIONS /api/{projectId}/store/", "* /api/{projectId}/store/",
    ];

    private static readonly (string, string)[] Last = [("DELETE", "/api/0/organizations/{organization}/"), ("POST", "/auth/logout/")];

    [Fact]
    public async Task Every_route_answers_everybody_as_the_table_says()
    {
        await using var app = await VedetteApp.StartAsync();
        await using var receiver = new TestReceiver();
        var created = await app.CreateAppAsync(receiver.Url);
        await app.SendEventAsync("""{"event_id":"4c79f60c11214eb38604f4ae0781bfb2","message":"there"}""");
        await app.WaitForDeliveriesAsync(1);
        receiver.Behaviour = TestReceiver.Hang; // a replay stays pending, and asking again answers 200
        using var owner = await LoggedIn.AsAsync(app);
        var callers = await CallersAsync(app, owner);
        var expected = Expected.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToDictionary(
            words => $"{words[0]} {words[1]}", words => string.Join(' ', words[2..]), StringComparer.Ordinal);

        var wrong = new List<string>();

        // Deleting the organization and logging out come last: nothing is there any more afterwards, or nobody.
        foreach (var (method, pattern) in RoutesOf(app).OrderBy(each => Array.IndexOf(Last, each)))
        {
            var route = $"{method} {pattern}";
            if (Open.Contains(route, StringComparer.Ordinal))
                continue;

            var answers = new List<string>();
            foreach (var caller in callers)
            {
                var path = await PathAsync(app, owner, created, method, pattern);
                answers.Add((await StatusAsync(app, method, path, BodyOf(route), caller)).ToString(CultureInfo.InvariantCulture));
            }

            if (expected.GetValueOrDefault(route, "nothing: the table has no such line") is var words && string.Join(' ', answers) is var came && came != words)
                wrong.Add($"{route} answered {came}, expected {words}");
            expected.Remove(route);
        }

        wrong.AddRange(expected.Keys.Select(route => $"{route} is in the table, and the server has no such route"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <returns>Headers of each, in the order of the table's columns.</returns>
    private static async Task<IReadOnlyList<(string Name, string Value)[]>> CallersAsync(VedetteApp app, LoggedIn owner)
    {
        await app.AddOrganizationAsync("other");
        var superuser = await app.AddPersonAsync("superuser@example.org", "other", MemberRole.Member);
        await app.ExecuteAsync("update account set is_superuser = 1 where email = 'superuser@example.org'");
        await app.ExecuteAsync("delete from organization_member where account_id = (select id from account where email = 'superuser@example.org')");
        await app.AddPersonAsync("elsewhere@other.example", "other", MemberRole.Owner);
        using var elsewhere = await LoggedIn.AsAsync(app, "elsewhere@other.example", "a password");
        var cookies = string.Join("; ", owner.Cookies.GetAllCookies().Select(cookie => $"{cookie.Name}={cookie.Value}"));
        return
        [
            [],
            Bearer(await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner)),
            Bearer(await app.AddPersonAsync("member@example.org", "default", MemberRole.Member)),
            Bearer(await app.AddPersonAsync("admin@example.org", "default", MemberRole.Admin)),
            Bearer(await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager)),
            Bearer(await app.AddPersonAsync("owner@example.org", "default", MemberRole.Owner)),
            Bearer(superuser),
            [("Cookie", cookies), ("X-CSRFToken", owner.CsrfToken)],
            Bearer(await app.AddPersonAsync("poor@example.org", "default", MemberRole.Owner, "openid")),
            Bearer(await AppTokenAsync(owner, "default", ["project:distribution"])),
            Bearer(await AppTokenAsync(elsewhere, "other", [.. Scopes.OfRole(MemberRole.Owner)])),
        ];
    }

    private static (string, string)[] Bearer(string token) => [("Authorization", $"Bearer {token}")];

    private static async Task<string> AppTokenAsync(LoggedIn browser, string organization, IReadOnlyList<string> scopes)
    {
        var made = await browser.ApiAsync(
            HttpMethod.Post, "/api/0/sentry-apps/", $$"""{"name":"Caller","organization":"{{organization}}","isInternal":true,"scopes":["{{string.Join("\",\"", scopes)}}"]}""");
        return (await browser.ApiAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Map.Text("slug")}/api-tokens/")).Map.Text("token")!;
    }

    /// <summary>What is changed or deleted is made anew for each caller.</summary>
    private static async Task<string> PathAsync(VedetteApp app, LoggedIn owner, JsonMap created, string method, string pattern)
    {
        var path = new StringBuilder(pattern);
        foreach (var (name, value) in new (string, Func<Task<string>>)[]
        {
            ("{organization}", () => Task.FromResult("default")),
            ("{project}", async () => (method, pattern) == ("DELETE", "/api/0/projects/{organization}/{project}/") ? await NewProjectAsync(app) : "default"),
            ("{team}", async () => (method, pattern) == ("DELETE", "/api/0/teams/{organization}/{team}/") ? await NewTeamAsync(app) : "default"),
            ("{member}", async () => (method, pattern) == ("DELETE", "/api/0/organizations/{organization}/members/{member}/") ? await NewMemberAsync(app) : "me"),
            ("{token}", () => Task.FromResult("nonsense")),
            ("{issue}", async () => method == "DELETE" && pattern.EndsWith("/{issue}/", StringComparison.Ordinal) ? await NewIssueAsync(app) : "1"),
            ("{comment:long}", () => CommentAsync(app)),
            ("{run:long}", () => Task.FromResult("999")),
            ("{issue:long}", () => Task.FromResult("1")),
            ("{which}", () => Task.FromResult("latest")),
            ("{identifier:long}", () => Task.FromResult("1")),
            ("{tag}", () => Task.FromResult("level")),
            ("{shortId}", () => Task.FromResult("DEFAULT-1")),
            ("{eventId}", () => Task.FromResult("4c79f60c11214eb38604f4ae0781bfb2")),
            ("{delivery:long}", () => Task.FromResult("1")),
            ("{rule:long}", () => AlertRuleAsync(app)),
            ("{workflow:long}", () => AlertRuleAsync(app)),
            ("{detector:long}", () => Task.FromResult("1")),
            ("{job:long}", () => Task.FromResult("999")),
            ("{id:long}", () => Task.FromResult("999")),
            ("{key}", async () => (await app.ApiAsync(HttpMethod.Post, "/api/0/projects/default/default/keys/", "{}")).Map.Text("id")!),
            ("{version}", () => ReleaseAsync(app)),
            ("{hook}", async () => (await app.ApiAsync(HttpMethod.Post, "/api/0/projects/default/default/hooks/", Hook)).Map.Text("id")!),
            ("{app}", async () => method == "GET" ? created.Text("slug")! : (await app.CreateAppAsync("https://bridge.example/hook")).Text("slug")!),
            ("{application}", async () => (await app.CreateApplicationAsync(browser: owner)).Text("id")!),
            ("{installation}", () => InstallationAsync(app)),
            ("{token:long}", () => TokenAsync(owner, pattern, path.ToString())),
        })
        {
            if (pattern.Contains(name, StringComparison.Ordinal))
                path.Replace(name, await value());
        }

        // Of many issues at once, those that are not there: the others are still wanted.
        return (method, pattern) is ("DELETE", "/api/0/organizations/{organization}/issues/" or "/api/0/projects/{organization}/{project}/issues/") ? $"{path}?id=999" : path.ToString();
    }

    private static async Task<string> NewProjectAsync(VedetteApp app)
    {
        var slug = $"project-{await app.CountAsync("project")}";
        await app.AddProjectAsync("default", slug);
        return slug;
    }

    private static async Task<string> NewTeamAsync(VedetteApp app) =>
        (await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/teams/", $$"""{"slug":"team-{{await app.CountAsync("team")}}"}""")).Map.Text("slug")!;

    private static async Task<string> NewMemberAsync(VedetteApp app)
    {
        await app.AddPersonAsync($"person-{await app.CountAsync("account")}@example.org", "default", MemberRole.Member);
        return (await app.Database.ReadAsync(session => session.SingleAsync<long>("select max(id) from organization_member"), CancellationToken.None))
            .ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<string> NewIssueAsync(VedetteApp app)
    {
        await app.SendEventAsync($$"""{"message":"another","fingerprint":["{{await app.CountAsync("issue")}}"]}""");
        return (await app.Database.ReadAsync(session => session.SingleAsync<long>("select max(id) from issue"), CancellationToken.None)).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>One of the owner's in the browser.</summary>
    private static async Task<string> CommentAsync(VedetteApp app) =>
        (await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/issues/1/comments/", $$"""{"text":"{{await app.CountAsync("activity")}}"}""")).Map.Text("id")!;

    private static async Task<string> AlertRuleAsync(VedetteApp app) =>
        (await app.ApiAsync(HttpMethod.Post, "/api/0/projects/default/default/rules/", $$"""
            {"name":"rule","frequency":{{5 + await app.CountAsync("audit_log_entry")}},"actionMatch":"all","actions":[{"id":"sentry.mail.actions.NotifyEmailAction","fallthroughType":"NoOne"}]}
            """)).Map.Text("id")!;

    private static async Task<string> ReleaseAsync(VedetteApp app)
    {
        var version = $"release-{await app.CountAsync("release")}";
        await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/releases/", $$"""{"version":"{{version}}","projects":["default"]}""");
        return version;
    }

    /// <summary>That of a new internal integration.</summary>
    private static async Task<string> InstallationAsync(VedetteApp app)
    {
        await app.CreateAppAsync("https://bridge.example/hook");
        return ((JsonMap)(await app.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List[0]!).Text("uuid")!;
    }

    /// <param name="path">All that comes before it is filled in.</param>
    private static async Task<string> TokenAsync(LoggedIn owner, string pattern, string path)
    {
        var list = path[..path.IndexOf("{token", StringComparison.Ordinal)];
        var body = pattern.StartsWith("/api/0/api-tokens/", StringComparison.Ordinal) ? """{"scopes":["org:read"]}""" : """{"name":"ci"}""";
        return (await owner.ApiAsync(HttpMethod.Post, list, body)).Map.Text("id")!;
    }

    private static IEnumerable<(string Method, string Pattern)> RoutesOf(VedetteApp app) =>
        from route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]
        select (method, route.RoutePattern.RawText!);

    private static string? BodyOf(string route) => route switch
    {
        "POST /api/0/sentry-apps/" => """{"organization":"default","isInternal":true}""",
        "PUT /api/0/organizations/{organization}/issues/{issue}/" or "PUT /api/0/issues/{issue}/" => """{"status":"unresolved"}""",
        "POST /api/0/projects/{organization}/{project}/keys/" or "POST /api/0/organizations/" or "POST /api/0/organizations/{organization}/teams/"
            or "POST /api/0/teams/{organization}/{team}/projects/" or "POST /api/0/organizations/{organization}/members/" => "{}",
        "POST /api/0/projects/{organization}/{project}/hooks/" => Hook,
        "PUT /api/0/sentry-app-installations/{installation}/" => """{"status":"installed"}""",
        "POST /api/0/sentry-apps/{app}/interaction/" => """{"tsdbField":"sentry_app_viewed"}""",
        _ when route.EndsWith("/{token:long}/", StringComparison.Ordinal) => """{"name":"other"}""",
        _ when route.StartsWith("PUT ", StringComparison.Ordinal) && route.EndsWith("/{comment:long}/", StringComparison.Ordinal) => """{"text":"edited"}""",
        _ when route.StartsWith("PUT ", StringComparison.Ordinal) => "{}",
        _ when route.EndsWith("/replays/", StringComparison.Ordinal) => """{"perSecond":"many"}""",
        _ => null,
    };

    /// <summary>The live tail has no end, so only the head is read.</summary>
    private static async Task<int> StatusAsync(VedetteApp app, string method, string path, string? body, (string Name, string Value)[] headers)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Url) };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new StringContent(body);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }
}
